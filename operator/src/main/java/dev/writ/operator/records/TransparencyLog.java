package dev.writ.operator.records;

import dev.writ.audit.AuditRecord;
import dev.writ.audit.Entry;
import dev.writ.audit.OperatorEntry;
import dev.writ.audit.log.Batch;
import dev.writ.audit.log.LogPaths;
import dev.writ.audit.log.LogQueue;
import dev.writ.audit.log.LogStorage;
import dev.writ.audit.log.LogWriter;
import dev.writ.audit.log.Outcome;
import dev.writ.audit.log.Outcome.Placed;
import dev.writ.audit.log.RecordScan;
import dev.writ.audit.log.TileReader;
import dev.writ.audit.note.Checkpoint;
import dev.writ.contract.MalformedException;
import dev.writ.contract.document.Members;
import dev.writ.contract.json.JsonValue;
import dev.writ.contract.json.JsonWriter;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The log as the operator uses it: takes records from gates and from the operator itself, and tells
 * listeners of every record in the order of the log, whoever appended it. (audit.md, Log)
 */
public final class TransparencyLog implements RecordLog {
  private static final Logger LOG = LoggerFactory.getLogger(TransparencyLog.class);
  private static final String NOBODY = "";
  private static final String OWNERS = "owners";

  private final LogWriter writer;
  private final LogStorage storage;
  private final List<Remembered> sums;
  private final List<Listener> others;
  private final Summaries summaries;
  private final LogQueue queue;

  /** Pod UIDs by boot, of boots that have not stopped. */
  private final Map<String, String> owners = new HashMap<>();

  /** Entries that listeners have heard of. Written before any append, then in the queue's turns. */
  private long heard;

  /** Ends with the last record of a turn. */
  private Checkpoint reached;

  /** Entries that the stored summary covers. */
  private volatile long summarised;

  /** Whether those hear that want to hear of what is new alone. */
  private boolean live;

  /** Hears of each record once it is in the log, in the order of the log, one at a time. */
  @FunctionalInterface
  public interface Listener {
    /**
     * A record; must be quick.
     *
     * @param index of its entry
     * @param podUid of the pod that wrote it, empty for the operator
     */
    void stored(long index, String podUid, AuditRecord stored);

    /** All records before this checkpoint were told of. */
    default void reached(Checkpoint head) {}
  }

  private TransparencyLog(
      LogWriter writer,
      LogStorage storage,
      List<Remembered> sums,
      List<Listener> others,
      Summaries summaries) {
    this.writer = writer;
    this.storage = storage;
    this.sums = List.copyOf(sums);
    this.others = List.copyOf(others);
    this.summaries = summaries;
    this.queue = new LogQueue(writer, this::appended);
    this.reached = writer.head();
  }

  /**
   * Opens the log.
   *
   * @param sums hear of all that it holds before this returns, the older part as they summed it up
   *     before, and then of what comes
   * @param others hear of what comes
   * @throws IOException if the log can't be read
   */
  static TransparencyLog open(
      LogWriter writer,
      LogStorage storage,
      List<Remembered> sums,
      List<Listener> others,
      Summaries summaries)
      throws IOException {
    TransparencyLog log = new TransparencyLog(writer, storage, sums, others, summaries);
    log.recall(writer.head());
    long first = LogPaths.entriesFrom(storage);
    if (first > log.heard) {
      throw new IOException(
          "the entries before "
              + first
              + " left the log by age, and what was summed up of them (sums/) is missing or can't"
              + " be used: put that back, or the bundles from the archive and remove "
              + LogPaths.ENTRIES_FROM);
    }
    log.catchUp(writer.head());
    log.live = true;
    return log;
  }

  private void recall(Checkpoint head) throws IOException {
    Optional<Summaries.Found> found = summaries.newest(head);
    if (found.isEmpty()) {
      return;
    }
    List<Runnable> all = new ArrayList<>();
    try {
      Members members = Members.of("summary", found.get().sums());
      Map<String, String> boots = new HashMap<>();
      for (JsonValue each : members.array(OWNERS)) {
        Members owner = Members.of(OWNERS, each);
        boots.put(owner.string("boot"), owner.string("uid"));
        owner.end();
      }
      for (Remembered sum : sums) {
        all.add(sum.restored(members.value(sum.name())));
      }
      members.end();
      owners.putAll(boots);
    } catch (MalformedException | RuntimeException e) {
      LOG.atWarn()
          .addKeyValue("cause", e.getMessage())
          .log("couldn't read the summary of the log; all of the log is read");
      return;
    }
    all.forEach(Runnable::run);
    heard = found.get().size();
    summarised = heard;
  }

  /**
   * Keeps what was summed up, once so many records came since the last time.
   *
   * @throws IOException when it could not be stored; the next start reads more
   */
  void summarise(long least) throws IOException {
    Checkpoint at;
    JsonWriter json = new JsonWriter();
    synchronized (this) {
      at = reached;
      if (heard != at.size() || heard - summarised < least) {
        return;
      }
      json.beginObject().name(OWNERS).beginArray();
      owners.forEach(
          (boot, uid) -> json.beginObject().member("boot", boot).member("uid", uid).endObject());
      json.endArray();
      sums.forEach(sum -> sum.save(json.name(sum.name())));
      json.endObject();
    }
    summaries.store(at, json.toBytes());
    summarised = at.size();
  }

  /** Entries that the stored summary covers. */
  long summarised() {
    return summarised;
  }

  @Override
  public Outcome append(Sender pod, String boot, List<String> lines) throws IOException {
    return queue.append(new Batch(boot, lines, pod.uid(), stored -> foreign(pod, stored.entry())));
  }

  /** Appends records of the operator's own boot. */
  Outcome appendOwn(String boot, List<String> lines) throws IOException {
    return queue.append(new Batch(boot, lines));
  }

  /** The newest checkpoint. */
  public Checkpoint head() {
    return writer.head();
  }

  /** A pod speaks for itself alone, and only as gates and helpers do. */
  private static @Nullable String foreign(Sender pod, Entry entry) {
    if (!entry.pod().equals(pod.namespacedName())) {
      return "a record of pod " + entry.pod() + " sent by " + pod.namespacedName();
    }
    return switch (entry) {
      case OperatorEntry own -> "only the operator writes records of kind " + own.kind();
      case Entry.Start start ->
          pod.uid().equals(start.uid()) ? null : "a start without the UID of the pod that sends it";
      case Entry.Stop _, Entry.Call _, Entry.End _ -> null;
    };
  }

  private synchronized void appended(List<Outcome> outcomes) {
    Checkpoint head = writer.head();
    List<Placed> placed = outcomes.stream().flatMap(outcome -> outcome.placed().stream()).toList();
    if (head.size() == heard) {
      return;
    }
    if (!placed.isEmpty()
        && placed.getFirst().index() == heard
        && heard + placed.size() == head.size()) {
      placed.forEach(each -> tell(each.index(), each.auditRecord()));
      reached(head);
      return;
    }
    try {
      catchUp(head);
    } catch (IOException e) {
      // What was told is still right; the rest is told after the next append.
      LOG.atWarn()
          .addKeyValue("cause", e.getMessage())
          .log("couldn't read what another writer appended");
    }
  }

  private void catchUp(Checkpoint head) throws IOException {
    RecordScan.each(
        new TileReader(storage, head.size()),
        heard,
        (index, line, stored, pod) -> tell(index, stored));
    reached(head);
  }

  private void reached(Checkpoint head) {
    heard = head.size();
    reached = head;
    listeners().forEach(listener -> listener.reached(head));
  }

  private Stream<Listener> listeners() {
    return live ? Stream.concat(sums.stream(), others.stream()) : sums.stream().map(sum -> sum);
  }

  private void tell(long index, AuditRecord stored) {
    String boot = stored.boot();
    if (stored.entry() instanceof Entry.Start start && start.uid() != null) {
      owners.put(boot, start.uid());
    }
    String owner = owners.getOrDefault(boot, NOBODY);
    listeners().forEach(listener -> listener.stored(index, owner, stored));
    heard = index + 1;
    if (stored.entry() instanceof Entry.Stop) {
      owners.remove(boot);
    }
  }
}

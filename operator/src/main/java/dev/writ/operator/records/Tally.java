package dev.writ.operator.records;

import dev.writ.audit.AuditRecord;
import dev.writ.audit.Entry;
import dev.writ.audit.Entry.Call;
import dev.writ.audit.Entry.Decision;
import dev.writ.audit.note.Checkpoint;
import dev.writ.contract.MalformedException;
import dev.writ.contract.document.Members;
import dev.writ.contract.json.JsonValue;
import dev.writ.contract.json.JsonWriter;
import dev.writ.operator.capability.Usage;
import dev.writ.operator.capability.Usage.Denial;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Sums of what was recorded, per capability. Memory is bounded by capabilities, not by records.
 * Thread-safe.
 */
public final class Tally implements Remembered {
  private final Map<String, Sum> sums = new HashMap<>();
  private final Scope scope;
  private final Consumer<String> changed;

  /** Index of the newest record of each capability that something was recorded of. */
  private final Map<String, Long> touched = new HashMap<>();

  private final Map<String, LogPosition> positions = new HashMap<>();

  /** Which gates have a say about which capability. */
  @FunctionalInterface
  public interface Scope {
    /**
     * Whether there is such a capability, and it lives in the namespace of the pod that recorded
     * something about it.
     */
    boolean covers(String cid, String podNamespace);
  }

  /** The listener hears the cid of each capability whose sums changed; it must not block. */
  public Tally(Scope scope, Consumer<String> changed) {
    this.scope = scope;
    this.changed = changed;
  }

  @Override
  public void stored(long index, String podUid, AuditRecord stored) {
    if (!(stored.entry() instanceof Call call) || call.chain().isEmpty()) {
      return;
    }
    String cid = call.chain().getFirst().cid();
    // Otherwise any injected pod could use up, or fill with refusals, a capability that it has
    // nothing to do with.
    if (!scope.covers(cid, namespace(call.pod()))) {
      return;
    }
    synchronized (this) {
      sums.computeIfAbsent(cid, _ -> new Sum()).add(stored, call);
      touched.put(cid, index);
    }
  }

  /** Only now is there a checkpoint under which the newest records can be checked. */
  @Override
  public void reached(Checkpoint head) {
    Set<String> cids;
    synchronized (this) {
      touched.forEach(
          (cid, index) ->
              positions.put(cid, new LogPosition(head.size(), head.root().toBase64(), index)));
      cids = Set.copyOf(touched.keySet());
      touched.clear();
    }
    cids.forEach(changed);
  }

  /** Where the newest record of a capability can be checked; empty before the first. */
  public synchronized Optional<LogPosition> position(String cid) {
    return Optional.ofNullable(positions.get(cid));
  }

  /** The sums of a capability. */
  public synchronized Usage usage(String cid) {
    Sum sum = sums.get(cid);
    return sum == null ? Usage.NONE : sum.usage();
  }

  /** The capability is gone. */
  public synchronized void forget(String cid) {
    sums.remove(cid);
    positions.remove(cid);
    touched.remove(cid);
  }

  @Override
  public String name() {
    return "tally";
  }

  @Override
  public synchronized void save(JsonWriter json) {
    json.beginArray();
    sums.forEach(
        (cid, sum) -> {
          json.beginObject().member("cid", cid);
          LogPosition position = positions.get(cid);
          if (position != null) {
            json.name("position").beginObject().member("size", position.treeSize());
            json.member("root", position.rootHash()).member("index", position.index()).endObject();
          }
          UsageJson.write(json.name("usage"), sum.usage());
          json.endObject();
        });
    json.endArray();
  }

  @Override
  public Runnable restored(JsonValue all) throws MalformedException {
    Map<String, Sum> read = new HashMap<>();
    Map<String, LogPosition> places = new HashMap<>();
    for (JsonValue each : Members.list(name(), all)) {
      Members sum = Members.of(name(), each);
      String cid = sum.string("cid");
      if (sum.has("position")) {
        Members place = sum.object("position");
        places.put(
            cid,
            new LogPosition(
                place.integer("size", 0, Long.MAX_VALUE),
                place.string("root"),
                place.integer("index", 0, Long.MAX_VALUE)));
        place.end();
      }
      read.put(cid, new Sum(UsageJson.read(sum.object("usage"))));
      sum.end();
    }
    return () -> replace(read, places);
  }

  private synchronized void replace(Map<String, Sum> read, Map<String, LogPosition> places) {
    sums.clear();
    sums.putAll(read);
    positions.clear();
    positions.putAll(places);
  }

  private static String namespace(String pod) {
    int slash = pod.indexOf('/');
    return slash < 0 ? "" : pod.substring(0, slash);
  }

  private static final class Sum {
    private long allowed;
    private long denied;
    private @Nullable Instant lastTime;
    private List<String> lastChain = List.of();
    private final Deque<Denial> denials = new ArrayDeque<>();

    Sum() {}

    Sum(Usage usage) {
      allowed = usage.allowed();
      denied = usage.denied();
      lastTime = usage.lastTime();
      lastChain = usage.lastChain();
      denials.addAll(usage.denials());
    }

    void add(AuditRecord stored, Call call) {
      if (call.decision() == Decision.ALLOW) {
        allowed++;
      } else {
        denied++;
        deny(stored, call);
      }
      if (lastTime == null || call.time().isAfter(lastTime)) {
        lastTime = call.time();
        lastChain = subjects(call);
      }
    }

    /**
     * Boots are replayed one after the other, so the newest are chosen by time and not by arrival.
     */
    private void deny(AuditRecord stored, Call call) {
      String code = call.code() == null ? "error" : call.code().code();
      Denial denial =
          new Denial(call.time(), code, call.action(), subjects(call), stored.receipt());
      Deque<Denial> later = new ArrayDeque<>();
      while (!denials.isEmpty() && denials.peekFirst().time().isAfter(denial.time())) {
        later.addLast(denials.pollFirst());
      }
      denials.addFirst(denial);
      while (!later.isEmpty()) {
        denials.addFirst(later.pollLast());
      }
      if (denials.size() > Usage.MAX_DENIALS) {
        denials.pollLast();
      }
    }

    private static List<String> subjects(Call call) {
      return call.chain().stream().map(Entry.Link::sub).toList();
    }

    Usage usage() {
      return new Usage(allowed, denied, lastTime, List.copyOf(denials), lastChain);
    }
  }
}

package dev.writ.operator.records;

import dev.writ.audit.AuditRecord;
import dev.writ.audit.Entry;
import dev.writ.audit.OperatorEntry;
import dev.writ.audit.RecordChain;
import dev.writ.audit.log.Outcome;
import dev.writ.contract.MalformedException;
import dev.writ.contract.document.Members;
import dev.writ.contract.json.JsonValue;
import dev.writ.contract.json.JsonWriter;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The operator's boot in the log. Records that could not be appended wait in memory and go before
 * the next ones, so the chain has no gap; what waits when the process dies was never acted on, or
 * is found in the ledger and the revocation state by the next operator.
 */
public final class OwnRecords implements OperatorLog, AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(OwnRecords.class);

  /** So that a log that is down for long does not fill the memory. */
  private static final int MAX_WAITING = 10_000;

  private static final int MAX_BATCH = 1_000;
  private static final long SOON_MILLIS = 200;

  private final TransparencyLog log;
  private final ScheduledExecutorService timer;
  private final InstantSource clock;
  private final String pod;
  private final RecordChain chain;
  private final ReentrantLock turn = new ReentrantLock(true);

  /** Under the lock of {@code this}, as the chain is. */
  private final List<String> waiting = new ArrayList<>();

  private long acked;
  private boolean scheduled;

  private OwnRecords(
      TransparencyLog log,
      ScheduledExecutorService timer,
      InstantSource clock,
      String pod,
      String boot) {
    this.log = log;
    this.timer = timer;
    this.clock = clock;
    this.pod = pod;
    this.chain = new RecordChain(boot);
  }

  /**
   * Begins a boot.
   *
   * @param timer for what is recorded later
   * @param pod {@code <namespace>/writ-operator}
   * @param boot 16 random hex digits
   * @param before where the operator's boot before this one ended
   * @throws IOException if it can't be appended
   */
  public static OwnRecords open(
      TransparencyLog log,
      ScheduledExecutorService timer,
      InstantSource clock,
      String pod,
      String boot,
      LastBoot before)
      throws IOException {
    OwnRecords own = new OwnRecords(log, timer, clock, pod, boot);
    own.ship(own.add(List.of(before.next(clock.instant(), pod))));
    return own;
  }

  @Override
  public void append(List<? extends OperatorEntry> entries) throws IOException {
    if (!entries.isEmpty()) {
      ship(add(entries));
    }
  }

  @Override
  public Stamp stamp() {
    return new Stamp(clock.instant(), pod);
  }

  @Override
  public void later(List<? extends OperatorEntry> entries) {
    try {
      if (!entries.isEmpty()) {
        add(entries);
        schedule();
      }
    } catch (IOException e) {
      LOG.atError().addKeyValue("cause", e.getMessage()).log("couldn't record what was done");
    }
  }

  private synchronized void schedule() {
    if (!scheduled && !timer.isShutdown()) {
      scheduled = true;
      var _ = timer.schedule(this::shipWaiting, SOON_MILLIS, TimeUnit.MILLISECONDS);
    }
  }

  private void shipWaiting() {
    long last;
    synchronized (this) {
      scheduled = false;
      last = chain.lastSeq();
    }
    try {
      ship(last);
    } catch (IOException e) {
      LOG.atWarn().addKeyValue("cause", e.getMessage()).log("couldn't record; tried again");
      schedule();
    }
  }

  /** Returns the number of the last of them. */
  private synchronized long add(List<? extends Entry> entries) throws IOException {
    if (waiting.size() + entries.size() > MAX_WAITING) {
      throw new IOException(waiting.size() + " records of the operator wait for the log already");
    }
    for (Entry entry : entries) {
      RecordChain.Sealed sealed = chain.seal(entry);
      // The log would refuse it, and with it all that comes after.
      if (sealed.line().getBytes(StandardCharsets.UTF_8).length > AuditRecord.MAX_BYTES) {
        throw new IOException("a record of the operator would be over 16 KiB");
      }
      chain.stored(sealed);
      waiting.add(sealed.line());
    }
    return chain.lastSeq();
  }

  /** Returns once everything up to that number is in the log. */
  private void ship(long seq) throws IOException {
    turn.lock();
    try {
      while (acked < seq) {
        List<String> lines;
        synchronized (this) {
          lines = List.copyOf(waiting.subList(0, Math.min(MAX_BATCH, waiting.size())));
        }
        Outcome outcome = log.appendOwn(chain.boot(), lines);
        synchronized (this) {
          waiting.subList(0, (int) (outcome.acked() - acked)).clear();
          acked = outcome.acked();
        }
        if (outcome instanceof Outcome.Broken broken) {
          throw new IOException("the operator's own records don't fit: " + broken.reason());
        }
      }
    } finally {
      turn.unlock();
    }
  }

  /** Ends the boot in order, if the log takes it. */
  @Override
  public void close() throws IOException {
    ship(add(List.of(new Entry.Stop(clock.instant(), pod))));
  }

  /** The newest boot of an operator in the log: whoever comes next names it in its start. */
  public static final class LastBoot implements Remembered {
    private final String pod;
    private @Nullable String boot;
    private long seq;

    /** Of operators under that name. */
    public LastBoot(String pod) {
      this.pod = pod;
    }

    @Override
    public void stored(long index, String podUid, AuditRecord stored) {
      if (podUid.isEmpty() && stored.entry().pod().equals(pod)) {
        boot = stored.boot();
        seq = stored.seq();
      }
    }

    @Override
    public String name() {
      return "operator";
    }

    @Override
    public void save(JsonWriter json) {
      json.beginObject();
      if (boot != null) {
        json.member("boot", boot);
      }
      json.member("seq", seq).endObject();
    }

    @Override
    public Runnable restored(JsonValue sums) throws MalformedException {
      Members last = Members.of(name(), sums);
      String of = last.has("boot") ? last.string("boot") : null;
      long number = last.integer("seq", 0, Long.MAX_VALUE);
      last.end();
      return () -> {
        boot = of;
        seq = number;
      };
    }

    private Entry.Start next(Instant time, String by) {
      return new Entry.Start(time, by, null, boot, seq);
    }
  }
}

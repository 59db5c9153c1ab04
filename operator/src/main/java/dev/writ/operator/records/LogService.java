package dev.writ.operator.records;

import dev.writ.audit.OperatorEntry.Signing;
import dev.writ.audit.log.CheckpointStore;
import dev.writ.audit.log.LogPaths;
import dev.writ.audit.log.LogSource;
import dev.writ.audit.log.LogStorage;
import dev.writ.audit.log.LogWriter;
import dev.writ.contract.key.Ed25519;
import java.io.IOException;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The log of this operator: opened, read through, with a boot of the operator's own. */
public final class LogService implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(LogService.class);
  private static final long TIDY_MINUTES = 5;

  /** How long an end waits for housekeeping, which is interrupted. */
  private static final long END_SECONDS = 10;

  /** Entries that a start reads at most, beside those of five minutes: about a second. */
  private static final long SUMMARY_EVERY = 1 << 16;

  private static final long SUMMARY_AT_END = 1 << 12;

  private final Parts parts;
  private final LogWriter writer;
  private final TransparencyLog log;
  private final OwnRecords own;
  private final RotateRecords rotations;
  private final Optional<Retention> retention;

  /** Of its own: moving entries between two stores takes its time. */
  private final ScheduledExecutorService housekeeping =
      Executors.newSingleThreadScheduledExecutor(
          Thread.ofPlatform().name("log-housekeeping").daemon().factory());

  private volatile LogKeys keys;
  private volatile long entriesFrom;

  /**
   * What a log needs.
   *
   * @param archive where entries are moved that are older than {@code keep}; empty: nowhere
   * @param keep how long entries stay; empty: for ever
   * @param namespace of the operator
   * @param timer runs what is done later
   */
  public record Parts(
      LogStorage storage,
      Optional<LogStorage> archive,
      Optional<Duration> keep,
      CheckpointStore checkpoints,
      LogKeys keys,
      String namespace,
      InstantSource clock,
      SecureRandom random,
      ScheduledExecutorService timer) {}

  private LogService(
      Parts parts,
      LogWriter writer,
      List<Remembered> sums,
      List<TransparencyLog.Listener> others,
      RotateRecords rotations,
      OwnRecords.LastBoot before,
      String pod)
      throws IOException {
    this.parts = parts;
    this.writer = writer;
    this.keys = parts.keys;
    this.entriesFrom = LogPaths.entriesFrom(parts.storage);
    this.rotations = rotations;
    this.retention = parts.keep.map(keep -> new Retention(parts.storage, parts.archive, keep));
    this.log =
        TransparencyLog.open(
            writer, parts.storage, sums, others, new Summaries(parts.storage, () -> keys));
    this.own = OwnRecords.open(log, parts.timer, parts.clock, pod, id(parts.random), before);
  }

  /**
   * Opens the log, or begins it.
   *
   * @param sums hear of all that it holds, the older part as they summed it up before
   * @param others hear of what comes from now on
   * @throws dev.writ.audit.log.LogRefusedException when its stores contradict each other: a
   *     restored etcd or volume
   * @throws IOException if one of them does not answer
   */
  public static LogService open(
      Parts parts, List<Remembered> sums, List<TransparencyLog.Listener> others)
      throws IOException {
    LogWriter writer =
        LogWriter.open(
            parts.keys.signers(),
            parts.keys.retired(),
            parts.storage,
            parts.checkpoints,
            () -> UUID.randomUUID().toString(),
            Ed25519.bouncyCastle());
    String pod = parts.namespace + "/writ-operator";
    OwnRecords.LastBoot before = new OwnRecords.LastBoot(pod);
    RotateRecords rotations = new RotateRecords();
    List<Remembered> all = new ArrayList<>(sums);
    all.add(rotations);
    all.add(before);
    LogService service = new LogService(parts, writer, all, others, rotations, before, pod);
    var _ =
        service.housekeeping.scheduleWithFixedDelay(
            service::tidy, TIDY_MINUTES, TIDY_MINUTES, TimeUnit.MINUTES);
    LOG.atInfo()
        .addKeyValue("entries", service.size())
        .addKeyValue("keys", parts.keys)
        .log("the log is open");
    service.record(parts.keys);
    return service;
  }

  private void record(LogKeys held) throws IOException {
    rotations.keys(
        own,
        Signing.LOG,
        held.current().key().thumbprint(),
        held.trusted().stream().map(key -> key.key().thumbprint()).toList());
  }

  /** 16 random hex digits. */
  public static String id(SecureRandom random) {
    byte[] id = new byte[8];
    random.nextBytes(id);
    return HexFormat.of().formatHex(id);
  }

  /** Housekeeping, now and then: what fails is tried again. */
  void tidy() {
    try {
      writer.tidy();
      log.summarise(SUMMARY_EVERY);
      if (retention.isPresent()) {
        retain(retention.get());
      }
    } catch (IOException | RuntimeException e) {
      LOG.atWarn().addKeyValue("cause", e.getMessage()).log("couldn't tidy the log; tried again");
    }
  }

  /** Keeps now what {@link #tidy} keeps now and then. */
  void summarise() throws IOException {
    log.summarise(0);
  }

  /** As {@link #summarise}, and the writer's own. */
  void snapshot() throws IOException {
    writer.snapshot(0);
    log.summarise(0);
  }

  /** A start reads from the last summary on, so nothing after it may go. */
  private void retain(Retention old) throws IOException {
    long settled = Math.min(log.summarised(), writer.snapshotSize());
    entriesFrom = old.run(log.head().size(), settled, parts.clock.instant());
  }

  /** The keys that sign. */
  public LogKeys keys() {
    return keys;
  }

  /**
   * Has other keys sign. That they do is recorded under those before.
   *
   * @param told tells auditors, before one of them signs
   * @throws IOException when it could not be recorded, or none of them would verify what is signed
   *     already; then those before stay
   */
  void rotate(LogKeys next, Runnable told) throws IOException {
    record(next);
    told.run();
    writer.rotate(next.signers(), next.retired());
    keys = next;
    // The one before may be signed by a key that nobody trusts any more after the next rotation.
    log.summarise(0);
  }

  /** Takes the records of gates and helpers. */
  public RecordLog records() {
    return log;
  }

  /** Takes the operator's own records. */
  public OperatorLog own() {
    return own;
  }

  /**
   * Records the keys of contracts that hold from now on, unless the log says the same.
   *
   * @param current thumbprint of the one that signs
   * @param trusted thumbprints of all whose signatures count
   * @throws IOException when it could not be recorded
   */
  public void contractKeys(String current, List<String> trusted) throws IOException {
    rotations.keys(own, Signing.CONTRACTS, current, trusted);
  }

  /** Where the log is read from. */
  public LogSource files() {
    return parts.storage;
  }

  /** Number of entries. */
  public long size() {
    return log.head().size();
  }

  /** Index of the first entry that is there, as of the last housekeeping. */
  public long entriesFrom() {
    return entriesFrom;
  }

  /** A start after an orderly end reads little. */
  @Override
  public void close() throws IOException {
    end(housekeeping);
    own.close();
    log.summarise(SUMMARY_AT_END);
  }

  /**
   * Before the stores that it works on are closed; what it did not come to is done after a start.
   */
  private static void end(ScheduledExecutorService housekeeping) {
    housekeeping.shutdownNow();
    try {
      if (!housekeeping.awaitTermination(END_SECONDS, TimeUnit.SECONDS)) {
        LOG.atWarn().log("housekeeping of the log doesn't end; not waited for");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}

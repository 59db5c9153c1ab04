package dev.writ.operator.records;

import dev.writ.audit.OperatorEntry.Signing;
import dev.writ.audit.log.CheckpointStore;
import dev.writ.audit.log.LogSource;
import dev.writ.audit.log.LogStorage;
import dev.writ.audit.log.LogWriter;
import dev.writ.contract.key.Ed25519;
import java.io.IOException;
import java.security.SecureRandom;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The log of this operator: opened, read through, with a boot of the operator's own. */
public final class LogService implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(LogService.class);
  private static final long TIDY_MINUTES = 5;

  private final LogStorage storage;
  private final TransparencyLog log;
  private final OwnRecords own;
  private final LoggedTotals totals;
  private final RotateRecords rotations;

  /**
   * What a log needs.
   *
   * @param namespace of the operator
   * @param timer runs what is done later and now and then
   */
  public record Parts(
      LogStorage storage,
      CheckpointStore checkpoints,
      LogKeys keys,
      String namespace,
      InstantSource clock,
      SecureRandom random,
      ScheduledExecutorService timer) {}

  private LogService(
      LogStorage storage,
      TransparencyLog log,
      OwnRecords own,
      LoggedTotals totals,
      RotateRecords rotations) {
    this.storage = storage;
    this.log = log;
    this.own = own;
    this.totals = totals;
    this.rotations = rotations;
  }

  /**
   * Opens the log, or begins it, and tells the listeners all that it holds.
   *
   * @throws dev.writ.audit.log.LogRefusedException when its stores contradict each other: a
   *     restored etcd or volume
   * @throws IOException if one of them does not answer
   */
  public static LogService open(Parts parts, List<TransparencyLog.Listener> listeners)
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
    LoggedTotals totals = new LoggedTotals();
    OwnRecords.LastBoot before = new OwnRecords.LastBoot(pod);
    List<TransparencyLog.Listener> all = new ArrayList<>(listeners);
    RotateRecords rotations = new RotateRecords();
    all.add(totals);
    all.add(rotations);
    all.add(before);
    TransparencyLog log = TransparencyLog.open(writer, parts.storage, all);
    OwnRecords own = OwnRecords.open(log, parts.timer, parts.clock, pod, id(parts.random), before);
    var _ =
        parts.timer.scheduleWithFixedDelay(
            () -> tidy(writer), TIDY_MINUTES, TIDY_MINUTES, TimeUnit.MINUTES);
    LOG.atInfo()
        .addKeyValue("entries", log.head().size())
        .addKeyValue("keys", parts.keys)
        .log("the log is open");
    rotations.keys(
        own,
        Signing.LOG,
        parts.keys.current().key().thumbprint(),
        parts.keys.trusted().stream().map(key -> key.key().thumbprint()).toList());
    return new LogService(parts.storage, log, own, totals, rotations);
  }

  /** 16 random hex digits. */
  public static String id(SecureRandom random) {
    byte[] id = new byte[8];
    random.nextBytes(id);
    return HexFormat.of().formatHex(id);
  }

  private static void tidy(LogWriter writer) {
    try {
      writer.tidy();
    } catch (IOException | RuntimeException e) {
      LOG.atWarn().addKeyValue("cause", e.getMessage()).log("couldn't tidy the log; tried again");
    }
  }

  /** Takes the records of gates and helpers. */
  public RecordLog records() {
    return log;
  }

  /** Takes the operator's own records. */
  public OperatorLog own() {
    return own;
  }

  /** What the log says of counter paths. */
  public LoggedTotals totals() {
    return totals;
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
    return storage;
  }

  /** Number of entries. */
  public long size() {
    return log.head().size();
  }

  @Override
  public void close() throws IOException {
    own.close();
  }
}

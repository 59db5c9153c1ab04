package dev.writ.operator.records;

import dev.writ.audit.log.LogStorage;
import dev.writ.audit.witness.Witness;
import dev.writ.audit.witness.WitnessClient;
import dev.writ.audit.witness.Witnessing;
import dev.writ.contract.key.Ed25519;
import dev.writ.operator.config.LogSettings;
import java.io.IOException;
import java.net.http.HttpClient;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Shows the newest checkpoint to the witnesses, again and again, on a thread of its own: nothing
 * waits for them. Without a quorum checkpoints stay public without cosignatures. (audit.md, Log)
 */
public final class WitnessRounds implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(WitnessRounds.class);
  private static final Duration BETWEEN = Duration.ofSeconds(10);
  private static final Duration PATIENCE = Duration.ofSeconds(10);

  private final Witnessing witnessing;
  private final ScheduledExecutorService thread =
      Executors.newSingleThreadScheduledExecutor(
          Thread.ofPlatform().name("witnesses").daemon().factory());
  private volatile long witnessed;
  private volatile int ahead;
  private boolean failing;

  private WitnessRounds(Witnessing witnessing) {
    this.witnessing = witnessing;
  }

  /** Begins; there must be a witness in the settings. */
  public static WitnessRounds start(
      LogStorage storage, Supplier<LogKeys> keys, LogSettings settings) {
    Ed25519 ed25519 = Ed25519.bouncyCastle();
    HttpClient client = HttpClient.newBuilder().connectTimeout(PATIENCE).build();
    List<Witness> witnesses =
        settings.witnesses().stream()
            .<Witness>map(
                witness ->
                    new WitnessClient(witness.prefix(), witness.key(), client, PATIENCE, ed25519))
            .toList();
    WitnessRounds rounds =
        new WitnessRounds(
            new Witnessing(
                storage, () -> keys.get().trusted(), ed25519, witnesses, settings.quorum()));
    var _ =
        rounds.thread.scheduleWithFixedDelay(
            rounds::run, 0, BETWEEN.toMillis(), TimeUnit.MILLISECONDS);
    return rounds;
  }

  private void run() {
    try {
      Witnessing.Round round = witnessing.run();
      ahead = round.ahead().size();
      if (round.witnessed()) {
        witnessed = round.size();
      }
      report(round);
    } catch (IOException | RuntimeException e) {
      LOG.atWarn().addKeyValue("cause", e.getMessage()).log("couldn't ask the witnesses");
    }
  }

  /**
   * Once when it begins to fail and once when it works again; a log that was cut back each time.
   */
  private void report(Witnessing.Round round) {
    if (!round.ahead().isEmpty()) {
      LOG.atError()
          .addKeyValue("witnesses", round.ahead())
          .addKeyValue("size", round.size())
          .log("witnesses saw more of the log than there is: it lost entries, or was forked");
    }
    boolean fails = round.size() > 0 && !round.witnessed();
    if (fails && !failing) {
      LOG.atWarn()
          .addKeyValue("size", round.size())
          .addKeyValue("cosigned", round.cosigned())
          .addKeyValue("failures", round.failures())
          .log("the checkpoint is unwitnessed");
    } else if (!fails && failing) {
      LOG.atInfo().addKeyValue("size", round.size()).log("checkpoints are witnessed again");
    }
    failing = fails;
  }

  /** Entries that a quorum vouches for, since the start of this process. */
  public long witnessed() {
    return witnessed;
  }

  /** Witnesses that saw more entries than there are: anything above 0 is an alarm. */
  public int ahead() {
    return ahead;
  }

  @Override
  public void close() {
    thread.shutdownNow();
  }
}

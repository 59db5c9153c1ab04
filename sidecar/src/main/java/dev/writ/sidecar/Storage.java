package dev.writ.sidecar;

import dev.writ.sidecar.count.Counter;
import dev.writ.sidecar.count.LocalCounter;
import dev.writ.sidecar.disk.StateDirectory;
import dev.writ.sidecar.journal.Journal;
import dev.writ.sidecar.journal.Retention;
import dev.writ.sidecar.spent.GrantedCounter;
import dev.writ.sidecar.spent.KernelBoot;
import dev.writ.sidecar.spent.Origin;
import dev.writ.sidecar.spent.SpentDirectory;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What lives in {@code WRIT_STATE_DIR}: the lock, the counters, the journals and the last
 * revocation list.
 *
 * @param counting what the gate counts with
 * @param boot 16 hex digits, of this start
 */
record Storage(StateDirectory directory, Counting counting, Journal journal, String boot) {
  private static final Logger LOG = LoggerFactory.getLogger(Storage.class);

  /** The counter of one mode, with the files behind it. */
  sealed interface Counting {
    Counter counter();

    /** Counters in use. */
    int used();

    void close() throws IOException;

    /** Standalone: exact over the starts of this one replica. */
    record Local(LocalCounter counter) implements Counting {
      @Override
      public int used() {
        return counter.used();
      }

      @Override
      public void close() {
        counter.close();
      }
    }

    /** Cluster: exact over all replicas. */
    record Granted(GrantedCounter counter, SpentDirectory files) implements Counting {
      @Override
      public int used() {
        return counter.used();
      }

      @Override
      public void close() throws IOException {
        files.close();
      }
    }

    /** For a pod that guards nothing: there is nothing to count, and nobody asks. */
    record None() implements Counting {
      @Override
      public Counter counter() {
        throw new IllegalStateException("nothing is guarded, so nothing is counted");
      }

      @Override
      public int used() {
        return 0;
      }

      @Override
      public void close() {
        // There is nothing.
      }
    }
  }

  static Storage open(Configuration configuration, Time time, String boot) throws StartException {
    Path path = configuration.stateDir();
    StateDirectory directory;
    try {
      directory = StateDirectory.open(path);
    } catch (IOException e) {
      throw new StartException(String.valueOf(e.getMessage()), e);
    }
    try {
      return open(directory, configuration, time, boot);
    } catch (IOException e) {
      try (directory) {
        throw new StartException(
            "couldn't use the state directory " + path + ": " + StateDirectory.cause(e), e);
      } catch (IOException closing) {
        throw new StartException("couldn't close the state directory " + path, closing);
      }
    }
  }

  private static Storage open(
      StateDirectory directory, Configuration configuration, Time time, String boot)
      throws IOException {
    Path journals = directory.path().resolve("journal");
    // Counters come first: a directory with a journal and without them was in use, and its counts
    // are lost.
    boolean fresh = Files.notExists(journals);
    return switch (configuration.source()) {
      case Configuration.Cluster cluster ->
          new Storage(
              directory,
              // A pod keeps its ports for life. Without any the ledger need not hear of it.
              configuration.guards().isEmpty()
                  ? new Counting.None()
                  : granted(directory, cluster, time, boot),
              Journal.open(journals, boot, Retention.cluster()),
              boot);
      case Configuration.Standalone _ ->
          new Storage(
              directory,
              new Counting.Local(LocalCounter.open(directory.path().resolve("counters"), fresh)),
              Journal.open(journals, boot, Retention.standalone()),
              boot);
    };
  }

  private static Counting granted(
      StateDirectory directory, Configuration.Cluster cluster, Time time, String boot)
      throws IOException {
    SpentDirectory files =
        SpentDirectory.open(
            directory.path().resolve("spent"),
            new Origin(boot, cluster.podUid(), KernelBoot.id()),
            GrantedCounter.SLOTS);
    return new Counting.Granted(
        new GrantedCounter(files, boot, () -> time.moment().monotonicMillis()), files);
  }

  /** Closes all; what fails is logged. */
  void close() {
    try (directory) {
      counting.close();
      journal.close();
    } catch (IOException e) {
      LOG.atWarn()
          .addKeyValue("cause", e.getMessage())
          .log("Couldn't close the state directory in order");
    }
  }
}

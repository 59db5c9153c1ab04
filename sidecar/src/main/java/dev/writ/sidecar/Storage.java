package dev.writ.sidecar;

import dev.writ.sidecar.count.LocalCounter;
import dev.writ.sidecar.disk.StateDirectory;
import dev.writ.sidecar.journal.Journal;
import dev.writ.sidecar.journal.Retention;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What lives in {@code WRIT_STATE_DIR}: the lock, the counters, the journals and the last
 * revocation list.
 *
 * @param boot 16 hex digits, of this start
 */
record Storage(StateDirectory directory, LocalCounter counter, Journal journal, String boot) {
  private static final Logger LOG = LoggerFactory.getLogger(Storage.class);

  static Storage open(Configuration configuration, String boot) throws StartException {
    Path path = configuration.stateDir();
    StateDirectory directory;
    try {
      directory = StateDirectory.open(path);
    } catch (IOException e) {
      throw new StartException(String.valueOf(e.getMessage()), e);
    }
    try {
      return open(directory, configuration, boot);
    } catch (IOException e) {
      try (directory) {
        throw new StartException(
            "couldn't use the state directory " + path + ": " + StateDirectory.cause(e), e);
      } catch (IOException closing) {
        throw new StartException("couldn't close the state directory " + path, closing);
      }
    }
  }

  private static Storage open(StateDirectory directory, Configuration configuration, String boot)
      throws IOException {
    Path journals = directory.path().resolve("journal");
    // Counters come first: a directory with a journal and without them was in use, and its counts
    // are lost.
    boolean fresh = Files.notExists(journals);
    LocalCounter counter = LocalCounter.open(directory.path().resolve("counters"), fresh);
    Retention retention =
        configuration.source() instanceof Configuration.Cluster
            ? Retention.cluster()
            : Retention.standalone();
    return new Storage(directory, counter, Journal.open(journals, boot, retention), boot);
  }

  /** Closes all; what fails is logged. */
  void close() {
    counter.close();
    try (directory) {
      journal.close();
    } catch (IOException e) {
      LOG.atWarn()
          .addKeyValue("cause", e.getMessage())
          .log("Couldn't close the state directory in order");
    }
  }
}

package dev.writ.sidecar;

import dev.writ.contract.Names;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Whether the pod is being taken down. Its {@code preStop} hook says so by a file, long before this
 * process is told to stop: the kubelet ends the app first. Calls are judged and served as before;
 * their answers ask callers to connect anew, which leads them to another replica while the app is
 * still there. Thread-safe. (injection.md, What is injected; R16, R17)
 */
public final class Leaving {
  private static final Logger LOG = LoggerFactory.getLogger(Leaving.class);

  private final Path notice;
  private volatile boolean said;

  private Leaving(Path notice) {
    this.notice = notice;
  }

  /**
   * Nobody has said so to this process: a file that an earlier one was told by is removed.
   *
   * @throws IOException when it can't be
   */
  public static Leaving of(Path stateDir) throws IOException {
    Path notice = stateDir.resolve(Names.LEAVING_FILE);
    Files.deleteIfExists(notice);
    return new Leaving(notice);
  }

  /** Looks for the file; blocks for one system call. */
  public void look() {
    if (!said && Files.exists(notice)) {
      said = true;
      LOG.atInfo().log("The pod is leaving: callers are asked to connect anew");
    }
  }

  /** Whether it was said. Never takes it back. */
  public boolean said() {
    return said;
  }
}

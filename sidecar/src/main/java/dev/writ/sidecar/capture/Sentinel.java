package dev.writ.sidecar.capture;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Watches whether the app can be reached past the gate. Where nobody redirects, an app that binds
 * another port, or another address, on anything but loopback is exposed: the pod is not ready, and
 * in a namespace that requires Writ its gate serves nobody. What can't be looked at counts as
 * exposed. (injection.md, Capture)
 */
final class Sentinel {
  private static final Logger LOG = LoggerFactory.getLogger(Sentinel.class);

  private final Listeners listeners;
  private volatile Set<String> foreign = Set.of();
  private volatile @Nullable String exposed;

  Sentinel(Path proc) {
    this.listeners = new Listeners(proc);
  }

  /** Looks once; blocks on files of the kernel. */
  void look() {
    String before = exposed;
    String now;
    try {
      foreign = listeners.foreign();
      now =
          foreign.isEmpty()
              ? null
              : "exposed: the app listens past the gate on "
                  + String.join(", ", foreign)
                  + "; bind it to 127.0.0.1, or capture by redirect";
    } catch (IOException e) {
      now = "exposed, for all that can be known: " + e.getMessage();
    }
    exposed = now;
    if (now != null && !now.equals(before)) {
      LOG.atWarn().addKeyValue("cause", now).log("The app can be reached past the gate");
    } else if (now == null && before != null) {
      LOG.atInfo().log("The app can no longer be reached past the gate");
    }
  }

  /** Why the app counts as exposed, null when it does not. */
  @Nullable String exposed() {
    return exposed;
  }

  /** What others listen on, as of the last look. */
  Set<String> foreign() {
    return foreign;
  }
}

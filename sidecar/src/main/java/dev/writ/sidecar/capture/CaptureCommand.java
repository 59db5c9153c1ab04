package dev.writ.sidecar.capture;

import dev.writ.contract.Names;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What the init container {@code writ-capture} does: writes the rules, sends traffic through them,
 * and ends. It fails unless what was declared is redirected and the rest is dropped, so that no app
 * starts in a pod that is not captured. (injection.md, Capture; R20, R23)
 */
public final class CaptureCommand {
  private static final Logger LOG = LoggerFactory.getLogger(CaptureCommand.class);

  private CaptureCommand() {}

  /**
   * Captures the ports of the pod that this runs in.
   *
   * @param ports of the app, in the order of the sidecar's listeners
   * @throws CaptureException when the app must not start; the message names the other mode
   */
  public static void run(List<Integer> ports) throws CaptureException {
    try {
      if (Trial.possible()) {
        Programs.feed(Rules.onTrial(ports), "nft", "-f", "-");
        try (Trial trial = Trial.begin()) {
          trial.prove(ports);
        }
      } else {
        LOG.atWarn()
            .log("IPv6 is off here, so the rules are proved by the kubelet's startup probe alone");
      }
      // Once more without what the trial needed.
      Programs.feed(Rules.of(ports), "nft", "-f", "-");
    } catch (IOException | UncheckedIOException e) {
      throw new CaptureException(
          "couldn't capture by redirect: "
              + e.getMessage()
              + "; where the node or the runtime can't do it, bind the app to 127.0.0.1 and set"
              + " annotation "
              + Names.CAPTURE
              + ": "
              + Names.CAPTURE_LOOPBACK,
          e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new CaptureException("couldn't capture by redirect: interrupted", e);
    }
    LOG.atInfo().addKeyValue("ports", ports).log("Captured");
  }
}

package dev.writ.sidecar.capture;

import dev.writ.sidecar.Address;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * How calls are led to this sidecar, and what it does beside guarding because of that.
 *
 * @param mode how calls are captured
 * @param refuseExposed whether an app that can be reached past the gate is not served at all
 * @param probeListen where the app's probes are answered, null when there are none
 * @param probes what is answered there
 */
public record CaptureSettings(
    Mode mode, boolean refuseExposed, @Nullable Address probeListen, List<Probe> probes) {
  /** Ports are led here by nobody: listeners are what the environment says. */
  public static final CaptureSettings NONE = new CaptureSettings(Mode.NONE, false, null, List.of());

  /** Copies. */
  public CaptureSettings {
    probes = List.copyOf(probes);
    if ((probeListen == null) != probes.isEmpty()) {
      throw new IllegalArgumentException("probes and the address to answer them go together");
    }
  }

  /** How calls are captured. */
  public enum Mode {
    /** They are not. */
    NONE,
    /** By nftables, see {@link Rules}. */
    REDIRECT,
    /** By having the app's ports first, on every address of the pod but loopback. */
    LOOPBACK
  }
}

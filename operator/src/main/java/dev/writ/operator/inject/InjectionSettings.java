package dev.writ.operator.inject;

import java.net.URI;
import java.util.OptionalLong;

/**
 * What the operator puts into every pod alike.
 *
 * @param image of the sidecar and of the capture container
 * @param operator {@code https://host:port} that the sidecar calls
 * @param trustDomain of all identities
 * @param uid that the sidecar runs as; empty where the platform assigns one
 * @param bounds of what annotations may give a sidecar
 */
public record InjectionSettings(
    String image, URI operator, String trustDomain, OptionalLong uid, Bounds bounds) {
  /** UID unless set: unlikely to be that of an app. (R24) */
  public static final long DEFAULT_UID = 15_001;

  /**
   * The most that an annotation may ask for.
   *
   * @param cpuMillis millicores
   * @param memoryMebi MiB
   */
  public record Bounds(int cpuMillis, int memoryMebi) {
    /** Unless set. */
    public static final Bounds DEFAULT = new Bounds(4_000, 2_048);

    /** Checks that a sidecar can live within them. */
    public Bounds {
      if (cpuMillis < 100) {
        throw new IllegalArgumentException("cpuMillis is below 100");
      }
      if (memoryMebi < 256) {
        throw new IllegalArgumentException("memoryMebi is below 256");
      }
    }
  }

  /** With the default UID and bounds. */
  public static InjectionSettings of(String image, URI operator, String trustDomain) {
    return new InjectionSettings(
        image, operator, trustDomain, OptionalLong.of(DEFAULT_UID), Bounds.DEFAULT);
  }
}

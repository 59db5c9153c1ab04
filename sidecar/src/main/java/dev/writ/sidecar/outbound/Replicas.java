package dev.writ.sidecar.outbound;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The replicas that this process calls, by the boot id in their challenges. Thread-safe and
 * bounded.
 */
final class Replicas {
  private static final int LIMIT = 1_024;

  private final Map<String, ReplicaNonces> byBoot = new ConcurrentHashMap<>();

  /**
   * The nonces shared by all connections to that boot.
   *
   * @param now monotonic milliseconds
   */
  ReplicaNonces of(Challenge challenge, long now) {
    ReplicaNonces known = byBoot.get(challenge.boot());
    if (known != null) {
      return known;
    }
    if (byBoot.size() >= LIMIT) {
      byBoot.values().removeIf(nonces -> nonces.isIdle(now));
    }
    if (byBoot.size() >= LIMIT) {
      // Connections keep the one they have; forgetting merely ends the sharing with later ones.
      byBoot.clear();
    }
    return byBoot.computeIfAbsent(challenge.boot(), _ -> new ReplicaNonces());
  }
}

package dev.writ.operator.cluster;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A pod that carries our label, as far as the operator cares.
 *
 * @param labels all of them: Services select by them
 * @param ports declared TCP ports of its containers
 * @param refusal why the operator does not talk to it, null when it does: not really injected,
 *     terminating, over, or revoked
 * @param ending whether it was injected and is terminating, over or revoked: it may still tell what
 *     it did
 * @param revoked whether somebody with the right to change the pod revoked it
 */
public record InjectedPod(
    String namespace,
    String name,
    String uid,
    String serviceAccount,
    Map<String, String> labels,
    List<Port> ports,
    @Nullable String refusal,
    boolean ending,
    boolean revoked) {
  /** Copies. */
  public InjectedPod {
    labels = Map.copyOf(labels);
    ports = List.copyOf(ports);
  }

  /**
   * A declared port.
   *
   * @param name null when it has none
   */
  public record Port(@Nullable String name, int number) {}

  /** Whether it can call and be called. */
  public boolean live() {
    return refusal == null;
  }
}

package dev.writ.cli.cluster;

/**
 * Where a pod is reached from outside, and what its {@code 127.0.0.1} is.
 *
 * @param outer address of the pod
 * @param inner its own loopback address
 */
public record PodAddress(String outer, String inner) {
  /** Replaces the unspecified and the loopback address in a value of the pod's manifest. */
  String localize(String value) {
    return value
        .replace("[::]", outer)
        .replace("0.0.0.0", outer)
        .replace("127.0.0.1", inner)
        .replace("localhost", inner);
  }
}

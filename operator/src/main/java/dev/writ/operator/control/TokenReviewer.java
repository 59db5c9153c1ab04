package dev.writ.operator.control;

import java.util.Optional;

/** Asks whether a token is one for us. Blocks. */
@FunctionalInterface
public interface TokenReviewer {
  /** Who the token speaks for; empty if it is not valid for our audience or not bound to a pod. */
  Optional<Bearer> review(String token);

  /**
   * The pod that a token is bound to.
   *
   * @param serviceAccount that it runs as
   */
  record Bearer(String namespace, String serviceAccount, String podName, String podUid) {}
}

package dev.writ.operator.keys;

import java.time.Duration;
import java.util.LinkedHashSet;
import java.util.Set;

/**
 * The one thing to do next about the issuer's keys. Each step is one compare-and-swap of the
 * Secret, so a crash falls between two steps, and the next operator goes on with the step that
 * follows. (protocol.md, section 1)
 */
sealed interface RotationStep {
  /** More keys at once would only make every trust bundle longer. */
  int MAX_OLD = 8;

  /** Nothing. */
  record Idle() implements RotationStep {}

  /** Make a key and publish it. */
  record Announce(String why) implements RotationStep {}

  /** Sign with the next key. */
  record Promote() implements RotationStep {}

  /** Drop old keys whose last contract has ended. */
  record Expire() implements RotationStep {}

  /** Remove these keys at once. */
  record Revoke(Set<String> kids) implements RotationStep {}

  /** Nothing can be done about what was asked; the sentence says why. */
  record Decline(String why) implements RotationStep {}

  /** What was asked is so already. */
  record Answered() implements RotationStep {}

  /**
   * Decides.
   *
   * @param everywhere whether every sidecar that could be called knows the next key
   * @param lifetime of a key as signer
   * @param now epoch seconds
   */
  static RotationStep next(
      Keyring ring, KeyRequests requests, boolean everywhere, Duration lifetime, long now) {
    if (ring.trusts(requests.revoke())) {
      return new Revoke(requests.revoke());
    }
    Set<String> unknown = new LinkedHashSet<>(requests.revoke());
    unknown.removeIf(kid -> ring.key(kid).isPresent());
    if (!unknown.isEmpty()) {
      return new Decline(
          "no issuer key "
              + clipped(unknown)
              + ": write the kid of a key that is in use, "
              + ring.trusted().stream().map(key -> key.thumbprint()).toList());
    }
    if (ring.expires(now)) {
      return new Expire();
    }
    if (ring.next().isPresent()) {
      return requests.none()
          ? everywhere ? new Promote() : new Idle()
          // A rotation is under way: that is what was asked for.
          : new Answered();
    }
    if (requests.rotate() && ring.old() >= MAX_OLD) {
      return new Decline(
          ring.old() + " old keys are still trusted: wait until contracts under them have ended");
    }
    if (requests.rotate()) {
      return new Announce("asked for");
    }
    if (now - ring.current().since() >= lifetime.toSeconds() && ring.old() < MAX_OLD) {
      return new Announce("lifetime reached");
    }
    return requests.none() ? new Idle() : new Answered();
  }

  private static String clipped(Set<String> kids) {
    String all = String.join(", ", kids);
    return all.length() > 100 ? all.substring(0, 100) + "..." : all;
  }
}

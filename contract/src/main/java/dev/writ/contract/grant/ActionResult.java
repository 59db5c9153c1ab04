package dev.writ.contract.grant;

import dev.writ.contract.ErrorCode;
import org.jspecify.annotations.Nullable;

/** What a request is, under a chain: step 10 of protocol.md, section 4. */
public sealed interface ActionResult {
  /**
   * The chain grants it.
   *
   * @param action name of the action, {@code base} for base-protocol messages
   * @param counted whether it counts against limits
   */
  record Allowed(String action, boolean counted) implements ActionResult {}

  /**
   * The chain does not grant it.
   *
   * @param code {@code action-not-granted}, {@code argument-not-allowed}, {@code
   *     unsupported-media-type} or {@code malformed}
   * @param reason a few words for the record, never for the caller
   * @param action the action whose rule matched, null when none did
   */
  record Refused(ErrorCode code, String reason, @Nullable String action) implements ActionResult {}
}

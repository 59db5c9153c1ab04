package dev.writ.contract.grant;

import dev.writ.contract.ErrorCode;
import org.jspecify.annotations.Nullable;

/** What a request is, under a chain: step 10 of protocol.md, section 4. */
public sealed interface ActionResult {
  /** How a later denial of this call is worded. */
  Dialect dialect();

  /**
   * The chain grants it.
   *
   * @param action name of the action, {@code base} for base-protocol messages
   * @param counted whether it counts against limits
   * @param begins what the answer gives the caller to own
   */
  record Allowed(String action, boolean counted, Dialect dialect, Begins begins)
      implements ActionResult {}

  /** What a call begins at the app; its id is in the answer. */
  enum Begins {
    /** Nothing that is referred to later. */
    NOTHING,
    /** An MCP session. */
    SESSION,
    /** An A2A task. */
    TASK
  }

  /**
   * The chain does not grant it.
   *
   * @param code {@code action-not-granted}, {@code argument-not-allowed}, {@code
   *     unsupported-media-type} or {@code malformed}
   * @param reason a few words for the record, never for the caller
   * @param action the action whose rule matched, null when none did
   */
  record Refused(ErrorCode code, String reason, @Nullable String action, Dialect dialect)
      implements ActionResult {
    static Refused of(GrantException e) {
      return new Refused(e.code(), e.reason(), null, Dialect.HTTP);
    }
  }
}

package dev.writ.contract.grant;

import dev.writ.contract.ErrorCode;
import dev.writ.contract.document.Constraint;
import org.jspecify.annotations.Nullable;

/** A request that a rule cannot grant, with its code. Stays inside this package. */
final class GrantException extends Exception {
  private static final long serialVersionUID = 1L;

  private final ErrorCode code;
  private final transient @Nullable Constraint constraint;

  GrantException(ErrorCode code, String reason) {
    this(code, reason, null);
  }

  GrantException(ErrorCode code, String reason, @Nullable Constraint constraint) {
    super(reason, null, false, false);
    this.code = code;
    this.constraint = constraint;
  }

  static GrantException malformed(String reason) {
    return new GrantException(ErrorCode.MALFORMED, reason);
  }

  ErrorCode code() {
    return code;
  }

  String reason() {
    return String.valueOf(getMessage());
  }

  /** The argument that failed, null when it was something else. */
  @Nullable Constraint constraint() {
    return constraint;
  }
}

package dev.writ.contract.grant;

import dev.writ.contract.ErrorCode;

/** A request that a rule cannot grant, with its code. Stays inside this package. */
final class GrantException extends Exception {
  private static final long serialVersionUID = 1L;

  private final ErrorCode code;

  GrantException(ErrorCode code, String reason) {
    super(reason, null, false, false);
    this.code = code;
  }

  ErrorCode code() {
    return code;
  }

  String reason() {
    return String.valueOf(getMessage());
  }
}

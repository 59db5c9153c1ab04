package dev.writ.sidecar.outbound;

import dev.writ.contract.ErrorCode;

/**
 * A call that the helper itself cannot make; the app gets it as a problem document. No stack: it is
 * an answer, not a defect.
 */
final class Failure extends Exception {
  private static final long serialVersionUID = 1L;

  private final ErrorCode code;

  /**
   * An answer of the helper.
   *
   * @param detail a sentence for the app's developer
   */
  Failure(ErrorCode code, String detail) {
    super(detail, null, false, false);
    this.code = code;
  }

  ErrorCode code() {
    return code;
  }

  /** The replica, or what stands at its address, gave no usable answer. */
  static Failure unreachable(String detail) {
    return new Failure(ErrorCode.UPSTREAM_UNAVAILABLE, detail);
  }
}

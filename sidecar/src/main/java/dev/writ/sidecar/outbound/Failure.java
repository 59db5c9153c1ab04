package dev.writ.sidecar.outbound;

import dev.writ.contract.ErrorCode;

/**
 * A call that the helper itself cannot make; the app gets it as a problem document. No stack: it is
 * an answer, not a defect.
 */
final class Failure extends Exception {
  private static final long serialVersionUID = 1L;

  private final ErrorCode code;
  private final boolean unsent;

  /**
   * An answer of the helper.
   *
   * @param detail a sentence for the app's developer
   */
  Failure(ErrorCode code, String detail) {
    this(code, detail, false);
  }

  private Failure(ErrorCode code, String detail, boolean unsent) {
    super(detail, null, false, false);
    this.code = code;
    this.unsent = unsent;
  }

  /** The connection ended before anything of the call was sent: another one may do. */
  static Failure unsent(String detail) {
    return new Failure(ErrorCode.UPSTREAM_UNAVAILABLE, detail, true);
  }

  /** Whether the call may be tried on another connection, whatever it is. */
  boolean isUnsent() {
    return unsent;
  }

  ErrorCode code() {
    return code;
  }

  /** The replica, or what stands at its address, gave no usable answer. */
  static Failure unreachable(String detail) {
    return new Failure(ErrorCode.UPSTREAM_UNAVAILABLE, detail);
  }
}

package dev.writ.sidecar.capture;

/** The pod is not captured, and its app must not start. */
public final class CaptureException extends Exception {
  private static final long serialVersionUID = 1L;

  CaptureException(String message, Throwable cause) {
    super(message, cause);
  }
}

package dev.writ.sidecar;

/** How the process ends. */
enum ExitCode {
  /** Stopped by SIGTERM or SIGINT after draining. */
  STOPPED(0),
  /** A defect: something that no other code covers; the log has the stack. */
  FAILED(1),
  /** A variable is unknown, missing or has a bad value; the message names it. */
  CONFIGURATION(2),
  /** A port, file or directory could not be used; the message names it. */
  RESOURCE(3);

  private final int status;

  ExitCode(int status) {
    this.status = status;
  }

  int status() {
    return status;
  }
}

package dev.writ.cli.cluster;

import java.io.IOException;

/** A process of the cluster ended, or never came up; carries it so that its log can be shown. */
public final class ProcessFailure extends IOException {
  private static final long serialVersionUID = 1;

  private final transient LocalProcess process;

  ProcessFailure(LocalProcess process, String what) {
    super(process.name() + " " + what);
    this.process = process;
  }

  /** The process that failed. */
  public LocalProcess process() {
    return process;
  }
}

package dev.writ.cli;

/** What the exit code of every command says. */
public final class ExitCode {
  /** Done; for a check: it holds. */
  public static final int OK = 0;

  /** A check does not hold: violated, refused, failed. */
  public static final int VIOLATED = 1;

  /** The command could not do its work: bad usage, an unreadable file, no cluster. */
  public static final int UNUSABLE = 2;

  private ExitCode() {}
}

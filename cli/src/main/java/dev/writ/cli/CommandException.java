package dev.writ.cli;

/** Ends a command with one line for its user and an {@link ExitCode}. */
public final class CommandException extends Exception {
  private static final long serialVersionUID = 1;

  private final int exitCode;

  private CommandException(int exitCode, String message) {
    super(message);
    this.exitCode = exitCode;
  }

  /** The command could not do its work. */
  public static CommandException unusable(String message) {
    return new CommandException(ExitCode.UNUSABLE, message);
  }

  /** A check does not hold. */
  public static CommandException violated(String message) {
    return new CommandException(ExitCode.VIOLATED, message);
  }

  /** See {@link ExitCode}. */
  public int exitCode() {
    return exitCode;
  }
}

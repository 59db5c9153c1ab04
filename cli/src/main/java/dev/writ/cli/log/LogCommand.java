package dev.writ.cli.log;

import dev.writ.cli.Surroundings;
import picocli.CommandLine;
import picocli.CommandLine.Command;

/** {@code writ log}. */
@Command(
    name = "log",
    description = "The log of all decisions: verify it, follow it, trace calls, export records.",
    synopsisSubcommandLabel = "COMMAND")
public final class LogCommand {
  private LogCommand() {}

  /** The command with its subcommands. */
  public static CommandLine line(Surroundings surroundings) {
    return new CommandLine(new LogCommand())
        .addSubcommand(new VerifyLogCommand(surroundings))
        .addSubcommand(new TraceCommand(surroundings))
        .addSubcommand(new TailCommand(surroundings))
        .addSubcommand(new ExportCommand(surroundings))
        .addSubcommand(new ProofCommand(surroundings));
  }
}

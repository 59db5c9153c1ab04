package dev.writ.cli.document;

import dev.writ.cli.Surroundings;
import picocli.CommandLine;
import picocli.CommandLine.Command;

/** {@code writ contract}. */
@Command(
    name = "contract",
    description = "Contracts: what an agent shows to be let through.",
    synopsisSubcommandLabel = "COMMAND")
public final class ContractCommand {
  private ContractCommand() {}

  /** The command with its subcommands. */
  public static CommandLine line(Surroundings surroundings) {
    return new CommandLine(new ContractCommand())
        .addSubcommand(new IssueCommand(surroundings))
        .addSubcommand(new DelegateCommand(surroundings))
        .addSubcommand(new InspectCommand(surroundings))
        .addSubcommand(new VerifyCommand(surroundings));
  }
}

package dev.writ.cli;

import dev.writ.cli.check.CheckCommand;
import dev.writ.cli.check.ExplainCommand;
import dev.writ.cli.demo.DemoCommand;
import dev.writ.cli.document.ContractCommand;
import dev.writ.cli.document.IdentityCommand;
import dev.writ.cli.document.KeyCommand;
import dev.writ.cli.document.RevocationCommand;
import dev.writ.cli.log.LogCommand;
import dev.writ.cli.status.StatusCommand;
import dev.writ.cli.trust.RevokeCommand;
import dev.writ.cli.trust.TrustCommand;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.util.List;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Help.Ansi;

/** The command {@code writ}: all others are below it. */
@Command(
    name = "writ",
    description = "Capability contracts for AI agents on Kubernetes.",
    synopsisSubcommandLabel = "COMMAND",
    footer = {
      "",
      "Exit codes: 0 done, 1 a check does not hold, 2 bad usage or something could not be read or"
          + " reached.",
      "writ COMMAND --help says more about a command."
    })
final class Writ {
  private Writ() {}

  /** Runs one command and returns its exit code. */
  static int run(Surroundings surroundings, String... args) {
    CommandLine line = new CommandLine(new Writ());
    line.addSubcommand(new DemoCommand(surroundings));
    line.addSubcommand(new StatusCommand(surroundings));
    line.addSubcommand(new CheckCommand(surroundings));
    line.addSubcommand(new ExplainCommand(surroundings));
    line.addSubcommand(KeyCommand.line(surroundings));
    line.addSubcommand(ContractCommand.line(surroundings));
    line.addSubcommand(IdentityCommand.line(surroundings));
    line.addSubcommand(RevocationCommand.line(surroundings));
    line.addSubcommand(TrustCommand.line(surroundings));
    line.addSubcommand(RevokeCommand.line(surroundings));
    line.addSubcommand(LogCommand.line(surroundings));
    line.addSubcommand(new VersionCommand(surroundings));
    mixIn(line, surroundings);
    return line.execute(args.length == 0 ? new String[] {"--help"} : args);
  }

  private static void mixIn(CommandLine line, Surroundings surroundings) {
    line.setOut(new PrintWriter(surroundings.out(), true, StandardCharsets.UTF_8));
    line.setErr(new PrintWriter(surroundings.err(), true, StandardCharsets.UTF_8));
    line.setColorScheme(
        CommandLine.Help.defaultColorScheme(surroundings.coloured() ? Ansi.ON : Ansi.OFF));
    line.setExecutionExceptionHandler(
        (failure, command, parsed) -> {
          surroundings.err().println("writ: " + sentence(failure));
          return failure instanceof CommandException known ? known.exitCode() : ExitCode.UNUSABLE;
        });
    line.setParameterExceptionHandler(
        (failure, args) -> {
          surroundings.err().println("writ: " + failure.getMessage() + meant(failure));
          surroundings
              .err()
              .println(
                  "Try: " + failure.getCommandLine().getCommandSpec().qualifiedName() + " --help");
          return ExitCode.UNUSABLE;
        });
    addHelp(line);
  }

  private static void addHelp(CommandLine line) {
    line.getCommandSpec().mixinStandardHelpOptions(false);
    if (line.getCommandSpec().findOption("--help") == null) {
      line.getCommandSpec()
          .addOption(
              CommandLine.Model.OptionSpec.builder("-h", "--help")
                  .usageHelp(true)
                  .description("Show this help.")
                  .build());
    }
    line.getSubcommands().values().forEach(Writ::addHelp);
  }

  /** What was perhaps mistyped, or nothing. */
  private static String meant(CommandLine.ParameterException failure) {
    List<String> similar =
        failure instanceof CommandLine.UnmatchedArgumentException unmatched
            ? unmatched.getSuggestions()
            : List.of();
    return similar.isEmpty() ? "" : "; did you mean " + similar.getFirst() + "?";
  }

  /** One line, whatever went wrong: a stack trace helps nobody who only uses this. */
  private static String sentence(Throwable failure) {
    String message = failure.getMessage();
    if (failure instanceof CommandException && message != null) {
      return message;
    }
    String what =
        message == null || message.isBlank() ? failure.getClass().getSimpleName() : message;
    return what.lines().findFirst().orElse(what);
  }
}

package dev.writ.cli.log;

import dev.writ.audit.log.LogPaths;
import dev.writ.audit.note.SignedNote;
import dev.writ.audit.note.VerifierKey;
import dev.writ.audit.verify.LogVerifier;
import dev.writ.audit.verify.Report;
import dev.writ.cli.CommandException;
import dev.writ.cli.ExitCode;
import dev.writ.cli.Surroundings;
import dev.writ.cli.output.Screen;
import dev.writ.contract.MalformedException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code writ log verify}. */
@Command(
    name = "verify",
    description = {
      "Verifies a whole log: its signature, every entry against the signed tree, every process's"
          + " records, every count.",
      "Prints what was checked, and for each thing that is wrong the entry's index and why."
    },
    footer = {
      "",
      "Keep the log's file checkpoint of each audit and give it to the next as --checkpoint.",
      "Exit codes: 0 all holds, 1 something is wrong, 2 the log could not be read."
    })
final class VerifyLogCommand implements Callable<Integer> {
  private final Surroundings surroundings;

  @Mixin private LogInput input = new LogInput();

  @Option(
      names = "--checkpoint",
      paramLabel = "OLD",
      description = "A checkpoint of this log that you kept: the log must begin with its entries.")
  private @Nullable Path checkpoint;

  @Option(
      names = "--witness",
      paramLabel = "KEY",
      description = "A witness's verifier key, or a file that holds it. May be repeated.")
  private List<String> witnesses = List.of();

  @Option(
      names = "--quorum",
      paramLabel = "N",
      description = "How many of the witnesses must have cosigned. Default: all that are given.")
  private @Nullable Integer quorum;

  @Option(
      names = "--entries-from",
      paramLabel = "INDEX",
      description = "Index of the first entry that must be there: older ones were moved away.")
  private long entriesFrom;

  VerifyLogCommand(Surroundings surroundings) {
    this.surroundings = surroundings;
  }

  @Override
  public Integer call() throws CommandException {
    List<VerifierKey> named = Keys.of(witnesses, "--witness", VerifierKey.Type.COSIGNATURE);
    int wanted = quorum == null ? named.size() : quorum;
    if (wanted < 0 || wanted > named.size() || (wanted == 0 && !named.isEmpty())) {
      throw CommandException.unusable(
          "--quorum is 1 to the number of witnesses, here " + named.size());
    }
    if (entriesFrom < 0) {
      throw CommandException.unusable("--entries-from is an index, 0 or more");
    }
    LogVerifier.Options options =
        new LogVerifier.Options(input.keys(), older(), named, wanted, entriesFrom);
    try {
      Report report = LogVerifier.verify(input.source(), options, LogInput.ED25519);
      ReportText.print(
          report, new Screen(surroundings.out(), surroundings.coloured()), !named.isEmpty());
      hint(report);
      return report.isOk() ? ExitCode.OK : ExitCode.VIOLATED;
    } catch (IOException e) {
      throw input.unreadable(e);
    }
  }

  /** What the log says of itself excuses nothing: the auditor has to say so. */
  private void hint(Report report) throws CommandException, IOException {
    long from = report.isOk() ? 0 : LogPaths.entriesFrom(input.source());
    if (from > entriesFrom) {
      surroundings
          .err()
          .println(
              "The log says that entries 0 to %d were moved away by age. --archive DIR verifies them too, --entries-from %d all but them."
                  .formatted(from - 1, from));
    }
  }

  private @Nullable SignedNote older() throws CommandException {
    if (checkpoint == null) {
      return null;
    }
    try {
      return SignedNote.parse(Files.readAllBytes(checkpoint));
    } catch (IOException e) {
      throw CommandException.unusable("--checkpoint: couldn't read " + checkpoint);
    } catch (MalformedException e) {
      throw CommandException.unusable(
          "--checkpoint: " + checkpoint + " is no checkpoint: " + e.getMessage());
    }
  }
}

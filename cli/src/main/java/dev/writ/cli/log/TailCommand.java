package dev.writ.cli.log;

import dev.writ.audit.AuditRecord;
import dev.writ.audit.Entry;
import dev.writ.audit.log.LogReader;
import dev.writ.audit.log.RecordScan;
import dev.writ.audit.note.Checkpoint;
import dev.writ.cli.CommandException;
import dev.writ.cli.ExitCode;
import dev.writ.cli.Surroundings;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code writ log tail}. */
@Command(
    name = "tail",
    description = "Prints the newest decisions, one a line.",
    footer = {
      "",
      "With --follow each new checkpoint is checked to extend the one before.",
      "Exit codes: 0 printed, 1 the log was rewritten or its signature does not hold, 2 it could"
          + " not be read."
    })
final class TailCommand implements Callable<Integer> {
  private static final long POLL_MILLIS = 1000;

  /** Entries looked through for the first lines: decisions are spread among other records. */
  private static final long LOOK_BACK = 8192;

  private final Surroundings surroundings;

  @Mixin private LogInput input = new LogInput();

  @Option(
      names = {"-f", "--follow"},
      description = "Go on with what is appended, until interrupted.")
  private boolean follow;

  @Option(names = "--denied", description = "Only calls that were not allowed.")
  private boolean denied;

  @Option(
      names = {"-n", "--lines"},
      paramLabel = "N",
      description = "How many of those that are there already. Default: ${DEFAULT-VALUE}.")
  private int lines = 10;

  TailCommand(Surroundings surroundings) {
    this.surroundings = surroundings;
  }

  @Override
  public Integer call() throws CommandException {
    if (lines < 0) {
      throw CommandException.unusable("--lines is 0 or more");
    }
    try {
      LogReader log = input.open();
      Deque<String> newest = new ArrayDeque<>();
      read(
          log,
          Math.max(0, log.checkpoint().size() - LOOK_BACK),
          line -> {
            newest.addLast(line);
            if (newest.size() > lines) {
              newest.removeFirst();
            }
          });
      newest.forEach(surroundings.out()::println);
      while (follow && pause(POLL_MILLIS)) {
        log = next(log);
      }
      return ExitCode.OK;
    } catch (IOException e) {
      throw input.unreadable(e);
    }
  }

  private LogReader next(LogReader log) throws IOException, CommandException {
    LogReader now = input.open();
    Checkpoint before = log.checkpoint();
    if (before.size() == now.checkpoint().size() && before.equals(now.checkpoint())) {
      return log;
    }
    try {
      now.extendsFrom(before);
    } catch (IOException e) {
      throw CommandException.violated(
          "the log does not go on from the %,d entries it had: %s"
              .formatted(before.size(), e.getMessage()));
    }
    read(now, before.size(), surroundings.out()::println);
    surroundings.out().flush();
    return now;
  }

  private interface Line {
    void accept(String line);
  }

  private void read(LogReader log, long from, Line each) throws IOException {
    RecordScan.each(
        log.entries(),
        from,
        (index, line, stored, pod) -> {
          if (wanted(stored)) {
            each.accept(TailLine.of(index, stored, surroundings.coloured()));
          }
        });
  }

  private boolean wanted(AuditRecord stored) {
    return stored.entry() instanceof Entry.Call call
        && (!denied || call.decision() != Entry.Decision.ALLOW);
  }

  private static boolean pause(long millis) {
    try {
      Thread.sleep(millis);
      return true;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }
}

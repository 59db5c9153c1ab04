package dev.writ.cli.log;

import dev.writ.audit.export.ExportFormat;
import dev.writ.audit.log.LogReader;
import dev.writ.audit.log.RecordScan;
import dev.writ.cli.CommandException;
import dev.writ.cli.ExitCode;
import dev.writ.cli.Surroundings;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code writ log export}. */
@Command(
    name = "export",
    description = {
      "Writes the records in the format of another tool: copies for searching, never the evidence.",
      "Entries are not verified here; writ log verify does that."
    },
    footer = {
      "",
      "Exit codes: 0 written, 1 the log's signature does not hold, 2 something could not be read or"
          + " written."
    })
final class ExportCommand implements Callable<Integer> {
  private final Surroundings surroundings;

  @Mixin private LogInput input = new LogInput();

  @Option(
      names = "--format",
      required = true,
      paramLabel = "ocsf|json|csv",
      description =
          "ocsf: OCSF 1.9 API Activity, decisions alone. json: records as they are. csv: a row"
              + " each.")
  private Format format = Format.json;

  enum Format {
    ocsf,
    json,
    csv
  }

  @Option(
      names = "--from",
      paramLabel = "INDEX",
      description = "Index of the first entry. Default: 0.")
  private long from;

  @Option(names = "--out", paramLabel = "FILE", description = "Default: standard output.")
  private @Nullable Path out;

  ExportCommand(Surroundings surroundings) {
    this.surroundings = surroundings;
  }

  @Override
  public Integer call() throws CommandException {
    LogReader log = input.whole(surroundings.err());
    if (from < 0 || from > log.checkpoint().size()) {
      throw CommandException.unusable(
          "--from is 0 to the number of entries, here " + log.checkpoint().size());
    }
    ExportFormat lines =
        switch (format) {
          case ocsf -> ExportFormat.ocsf(log.checkpoint().origin());
          case json -> ExportFormat.json();
          case csv -> ExportFormat.csv();
        };
    try {
      if (out == null) {
        OutputStream standard = new BufferedOutputStream(surroundings.out());
        write(log, lines, standard);
        standard.flush();
      } else {
        try (OutputStream file = new BufferedOutputStream(Files.newOutputStream(out))) {
          write(log, lines, file);
        }
      }
      return ExitCode.OK;
    } catch (IOException e) {
      throw CommandException.unusable("couldn't export: " + e.getMessage());
    }
  }

  private void write(LogReader log, ExportFormat lines, OutputStream to) throws IOException {
    to.write(lines.header().getBytes(StandardCharsets.UTF_8));
    RecordScan.each(
        log.entries(),
        from,
        (index, line, stored, pod) ->
            to.write(lines.line(index, line, stored).getBytes(StandardCharsets.UTF_8)));
  }
}

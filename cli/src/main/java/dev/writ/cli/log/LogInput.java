package dev.writ.cli.log;

import dev.writ.audit.log.ArchivedSource;
import dev.writ.audit.log.DirectoryStorage;
import dev.writ.audit.log.HttpSource;
import dev.writ.audit.log.LogReader;
import dev.writ.audit.log.LogSource;
import dev.writ.audit.note.VerifierKey;
import dev.writ.cli.CommandException;
import dev.writ.contract.MalformedException;
import dev.writ.contract.key.Ed25519;
import java.io.IOException;
import java.io.PrintStream;
import java.net.URI;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Which log, and the keys that it must be signed with. */
final class LogInput {
  static final Ed25519 ED25519 = Ed25519.bouncyCastle();

  @Parameters(
      paramLabel = "DIR|URL",
      description = "The log's folder, or its URL: https://HOST:PORT/log/ of an operator.")
  private String place = "";

  @Option(
      names = "--key",
      required = true,
      paramLabel = "KEY",
      description =
          "The log's verifier key (NAME+ID+KEY), or a file that holds it. Repeat it while keys are"
              + " rotated.")
  private List<String> keys = List.of();

  @Option(
      names = "--ca",
      paramLabel = "FILE",
      description = "Certificates (PEM) to trust for https, as in ConfigMap writ-trust.")
  private @Nullable Path ca;

  @Option(
      names = "--archive",
      paramLabel = "DIR",
      description = "Folder with the entries that were moved out of the log by age.")
  private @Nullable Path archive;

  /** The keys of the log. */
  List<VerifierKey> keys() throws CommandException {
    return Keys.of(keys, "--key", VerifierKey.Type.LOG);
  }

  /** Where it is read from; nothing has been read yet. */
  LogSource source() throws CommandException {
    LogSource log = log();
    if (archive == null) {
      return log;
    }
    try {
      return new ArchivedSource(log, DirectoryStorage.reading(archive));
    } catch (IOException e) {
      throw CommandException.unusable(
          "--archive: " + archive + " is no folder: give the one that holds tile/entries");
    }
  }

  private LogSource log() throws CommandException {
    if (place.startsWith("http://") || place.startsWith("https://")) {
      try {
        return new HttpSource(URI.create(place), Https.client(ca));
      } catch (IllegalArgumentException e) {
        throw CommandException.unusable(place + " is no URL; write https://HOST:PORT/log/");
      }
    }
    try {
      return DirectoryStorage.reading(Path.of(place));
    } catch (IOException | InvalidPathException e) {
      throw CommandException.unusable(
          place + " is neither a folder nor an http(s) URL: give the folder that holds checkpoint");
    }
  }

  /** As {@link #open}; a word on what is not there any more goes to {@code err}. */
  LogReader whole(PrintStream err) throws CommandException {
    LogReader log = open();
    long first = log.entries().first();
    if (first > 0) {
      err.println(
          "entries 0 to %d were moved out of the log by age: --archive DIR reads them too"
              .formatted(first - 1));
    }
    return log;
  }

  /** The log at its newest checkpoint. */
  LogReader open() throws CommandException {
    try {
      return LogReader.open(source(), keys(), ED25519);
    } catch (MalformedException e) {
      throw CommandException.violated(place + ": " + e.getMessage());
    } catch (IOException e) {
      throw unreadable(e);
    }
  }

  CommandException unreadable(IOException e) {
    String why = e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage();
    return CommandException.unusable("couldn't read the log at " + place + ": " + why);
  }
}

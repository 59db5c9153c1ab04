package dev.writ.cli.log;

import dev.writ.audit.note.TlogProof;
import dev.writ.audit.note.VerifierKey;
import dev.writ.audit.verify.Printable;
import dev.writ.cli.CommandException;
import dev.writ.cli.ExitCode;
import dev.writ.cli.Surroundings;
import dev.writ.contract.MalformedException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code writ log proof}. */
@Command(
    name = "proof",
    description = "Checks that one record is in a log, by its proof alone: no log is needed.",
    footer = {"", "Exit codes: 0 it is, 1 the proof does not hold, 2 a file could not be read."})
final class ProofCommand implements Callable<Integer> {
  private static final int SHOWN = 2000;

  private final Surroundings surroundings;

  @Parameters(
      index = "0",
      paramLabel = "PROOF",
      description = "RECEIPT.tlog-proof, as writ log trace --proof wrote it.")
  private Path proof = Path.of("");

  @Parameters(index = "1", paramLabel = "RECORD", description = "RECEIPT.json, written beside it.")
  private Path entry = Path.of("");

  @Option(
      names = "--key",
      required = true,
      paramLabel = "KEY",
      description = "The log's verifier key, or a file that holds it.")
  private List<String> keys = List.of();

  @Option(
      names = "--witness",
      paramLabel = "KEY",
      description = "A witness's verifier key: it must have cosigned. May be repeated.")
  private List<String> witnesses = List.of();

  ProofCommand(Surroundings surroundings) {
    this.surroundings = surroundings;
  }

  @Override
  public Integer call() throws CommandException {
    List<VerifierKey> named = Keys.of(witnesses, "--witness", VerifierKey.Type.COSIGNATURE);
    byte[] bytes = read(entry);
    try {
      TlogProof parsed = TlogProof.parse(read(proof));
      parsed.verify(
          bytes,
          Keys.of(keys, "--key", VerifierKey.Type.LOG),
          named,
          named.size(),
          LogInput.ED25519);
      surroundings
          .out()
          .println(
              "entry %d of the log: %s"
                  .formatted(
                      parsed.index(),
                      Printable.of(new String(bytes, StandardCharsets.UTF_8), SHOWN)));
      return ExitCode.OK;
    } catch (MalformedException e) {
      throw CommandException.violated("the proof does not hold: " + e.getMessage());
    }
  }

  private static byte[] read(Path file) throws CommandException {
    try {
      return Files.readAllBytes(file);
    } catch (IOException e) {
      throw CommandException.unusable("couldn't read " + file);
    }
  }
}

package dev.writ.cli.document;

import dev.writ.cli.CommandException;
import dev.writ.cli.ExitCode;
import dev.writ.cli.Surroundings;
import dev.writ.contract.document.TrustBundle;
import dev.writ.contract.key.PrivateKey;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code writ key}. */
@Command(
    name = "key",
    description = "Ed25519 keys, as JWK (RFC 8037).",
    synopsisSubcommandLabel = "COMMAND")
public final class KeyCommand {
  private KeyCommand() {}

  /** The command with its subcommands. */
  public static CommandLine line(Surroundings surroundings) {
    return new CommandLine(new KeyCommand()).addSubcommand(new Generate(surroundings));
  }

  @Command(
      name = "generate",
      description = {
        "Makes a key, writes its private half to a file that its owner alone can read (0600),",
        "and prints the public half."
      })
  static final class Generate implements Callable<Integer> {
    private final Surroundings surroundings;

    @Option(
        names = "--out",
        required = true,
        paramLabel = "FILE",
        description = "Where the private key goes; - prints it.")
    private Path out = Path.of("-");

    @Option(
        names = "--public-out",
        paramLabel = "FILE",
        description = "Where the public key goes, beside standard output.")
    private @Nullable Path publicOut;

    @Option(
        names = "--trust-out",
        paramLabel = "FILE",
        description =
            "A trust bundle (JWKS) of this key alone: for an issuer's key, as WRIT_TRUST_FILE.")
    private @Nullable Path trustOut;

    @Option(names = "--force", description = "Replace files that exist.")
    private boolean force;

    Generate(Surroundings surroundings) {
      this.surroundings = surroundings;
    }

    @Override
    public Integer call() throws CommandException {
      checkFiles();
      PrivateKey key = PrivateKey.generate();
      // What everybody may have goes first: where it can't be written no private key is left
      // behind.
      if (publicOut != null) {
        DocumentFiles.write(publicOut, key.publicKey().toJwk(), force, surroundings.out());
      }
      if (trustOut != null) {
        String bundle = TrustBundle.of(List.of(key.publicKey())).toJson();
        DocumentFiles.write(trustOut, bundle, force, surroundings.out());
      }
      if (out.toString().equals("-")) {
        surroundings.out().println(key.toJwk());
      } else {
        DocumentFiles.writeSecret(out, key.toJwk(), force);
        surroundings.out().println(key.publicKey().toJwk());
      }
      return ExitCode.OK;
    }

    private void checkFiles() throws CommandException {
      Set<Path> files = new HashSet<>();
      for (Path file : new Path[] {out, publicOut, trustOut}) {
        if (file == null || file.toString().equals("-")) {
          continue;
        }
        if (!files.add(file.toAbsolutePath().normalize())) {
          throw CommandException.unusable(
              file + " is given twice; each of the files needs a name of its own");
        }
        if (!force && Files.exists(file)) {
          throw CommandException.unusable(file + " exists; --force replaces it");
        }
      }
    }
  }
}

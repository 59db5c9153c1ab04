package dev.writ.cli.document;

import dev.writ.cli.CommandException;
import dev.writ.cli.ExitCode;
import dev.writ.cli.Surroundings;
import dev.writ.contract.MalformedException;
import dev.writ.contract.SpiffeId;
import dev.writ.contract.document.Block;
import dev.writ.contract.document.IdentityCredential;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code writ identity}. */
@Command(
    name = "identity",
    description = "Identity credentials: which key is which workload and guards which services.",
    synopsisSubcommandLabel = "COMMAND")
public final class IdentityCommand {
  private IdentityCommand() {}

  /** The command with its subcommands. */
  public static CommandLine line(Surroundings surroundings) {
    return new CommandLine(new IdentityCommand()).addSubcommand(new Issue(surroundings));
  }

  @Command(name = "issue", description = "Signs an identity credential, for WRIT_IDENTITY_FILE.")
  static final class Issue implements Callable<Integer> {
    private final Surroundings surroundings;

    @Option(
        names = "--subject",
        required = true,
        paramLabel = "ID",
        description = "spiffe://<trust domain>/ns/<namespace>/sa/<service account>")
    private String subject = "";

    @Option(
        names = "--service",
        paramLabel = "ID",
        description =
            "A service it guards: spiffe://<trust domain>/ns/<namespace>/svc/<service>; may be"
                + " repeated.")
    private List<String> services = new ArrayList<>();

    @Option(
        names = "--holder",
        required = true,
        paramLabel = "FILE",
        description = "Its public key (JWK).")
    private Path holder = Path.of("");

    @Option(
        names = "--key",
        required = true,
        paramLabel = "FILE",
        description = "Private key (JWK) of the issuer.")
    private Path key = Path.of("");

    @Option(
        names = "--pod-name",
        defaultValue = "standalone",
        description = "Where it runs. Default: ${DEFAULT-VALUE}.")
    private String podName = "standalone";

    @Option(names = "--pod-uid", paramLabel = "UUID", description = "A new one if not given.")
    private @Nullable UUID podUid;

    @Option(
        names = "--ttl",
        defaultValue = "15m",
        converter = Lifetime.class,
        description = "How long it is valid, at most 24h. Default: ${DEFAULT-VALUE}.")
    private Duration ttl = Duration.ZERO;

    @Option(
        names = "--out",
        paramLabel = "FILE",
        description = "Where it goes; standard output if not given.")
    private @Nullable Path out;

    @Option(names = "--force", description = "Replace the file if it exists.")
    private boolean force;

    Issue(Surroundings surroundings) {
      this.surroundings = surroundings;
    }

    @Override
    public Integer call() throws CommandException {
      SpiffeId workload = id("--subject", subject, SpiffeId.Kind.SERVICE_ACCOUNT);
      List<String> guarded = new ArrayList<>();
      for (String service : services) {
        SpiffeId id = id("--service", service, SpiffeId.Kind.SERVICE);
        if (!id.trustDomain().equals(workload.trustDomain())) {
          throw CommandException.unusable(
              "--service " + service + " is of another trust domain than --subject");
        }
        guarded.add(id.toString());
      }
      long now = surroundings.clock().instant().getEpochSecond();
      long nbf = now - 30;
      IdentityCredential identity =
          new IdentityCredential(
              SpiffeId.issuer(workload.trustDomain()),
              workload.toString(),
              guarded,
              new IdentityCredential.Pod(
                  workload.namespace(),
                  podName,
                  (podUid == null ? UUID.randomUUID() : podUid).toString()),
              now,
              nbf,
              Math.min(now + ttl.toSeconds(), nbf + Block.MAX_LIFE),
              DocumentFiles.publicKey(holder));
      String jws = identity.sign(DocumentFiles.privateKey(key, surroundings.err()));
      DocumentFiles.write(out, jws, force, surroundings.out());
      return ExitCode.OK;
    }

    private static SpiffeId id(String option, String text, SpiffeId.Kind kind)
        throws CommandException {
      try {
        SpiffeId id = SpiffeId.parse(text);
        if (id.kind() == kind) {
          return id;
        }
      } catch (MalformedException e) {
        throw CommandException.unusable(option + " " + text + ": " + e.getMessage());
      }
      throw CommandException.unusable(
          option
              + " "
              + text
              + ": the id of a "
              + (kind == SpiffeId.Kind.SERVICE ? "service (/svc/)" : "workload (/sa/)")
              + " is due");
    }
  }
}

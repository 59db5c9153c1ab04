package dev.writ.cli.document;

import dev.writ.cli.CommandException;
import dev.writ.cli.ExitCode;
import dev.writ.cli.Surroundings;
import dev.writ.contract.MalformedException;
import dev.writ.contract.client.Delegator;
import dev.writ.contract.client.Delegator.Delegated;
import dev.writ.contract.client.Delegator.Parent;
import dev.writ.contract.client.Delegator.Stamp;
import dev.writ.contract.document.Attenuation;
import dev.writ.contract.document.Block;
import dev.writ.contract.document.IdentityCredential;
import dev.writ.contract.document.Limits;
import dev.writ.contract.document.SignedBlock;
import dev.writ.contract.key.Ed25519;
import dev.writ.contract.key.PrivateKey;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.UUID;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code writ contract delegate}: what the helper does with a call, by hand. */
@Command(
    name = "delegate",
    description = {
      "Hands a contract on, narrower or the same: signs a delegation under its holder's key.",
      "The result is the value of Capability-Contract for the delegate, who also shows the"
          + " credentials of all delegates in Capability-Identity.",
      "What a gate would refuse is not signed."
    })
final class DelegateCommand implements Callable<Integer> {
  private final Surroundings surroundings;

  @Option(
      names = "--contract",
      required = true,
      paramLabel = "FILE",
      description = "What is handed on: a root contract, or a chain.")
  private Path contract = Path.of("");

  @Option(
      names = "--key",
      required = true,
      paramLabel = "FILE",
      description = "Private key (JWK) of its holder.")
  private Path key = Path.of("");

  @Option(
      names = "--to",
      required = true,
      paramLabel = "FILE",
      description = "Identity credential of the delegate (writ identity issue).")
  private Path to = Path.of("");

  @Option(
      names = "--trust",
      required = true,
      paramLabel = "FILE",
      description = "Trust bundle (JWKS) of issuer keys: the credential must be of one of them.")
  private Path trust = Path.of("");

  @Option(
      names = "--action",
      paramLabel = "NAME",
      description = "An action to hand on; may be repeated. All if not given.")
  private List<String> actions = new ArrayList<>();

  @Option(
      names = "--calls",
      paramLabel = "N",
      description = "How many calls, beside the limits that hold already.")
  private @Nullable Long calls;

  @Option(
      names = "--max-depth",
      paramLabel = "N",
      description =
          "How deep it may go on from here, counted from the root. As before if not given.")
  private @Nullable Long maxDepth;

  @Option(
      names = "--delegate-to",
      paramLabel = "ID",
      description =
          "A workload that may get it next: spiffe://<trust domain>/ns/<namespace>/sa/<service"
              + " account>; may be repeated. As before if not given.")
  private List<String> delegateTo = new ArrayList<>();

  @Option(
      names = "--ttl",
      defaultValue = "5m",
      converter = Lifetime.class,
      description =
          "How long it is valid, at most 15m; never beyond the contract or the credential. Default:"
              + " ${DEFAULT-VALUE}.")
  private Duration ttl = Duration.ZERO;

  @Option(
      names = "--out",
      paramLabel = "FILE",
      description = "Where it goes; standard output if not given.")
  private @Nullable Path out;

  @Option(names = "--force", description = "Replace the file if it exists.")
  private boolean force;

  DelegateCommand(Surroundings surroundings) {
    this.surroundings = surroundings;
  }

  @Override
  public Integer call() throws CommandException {
    Instant now = surroundings.clock().instant();
    if (ttl.toSeconds() > Delegator.MAX_SECONDS) {
      throw CommandException.unusable("--ttl is longer than 15m: delegations live no longer");
    }
    Parent parent = parent(DocumentFiles.read(contract));
    PrivateKey holder = DocumentFiles.privateKey(key, surroundings.err());
    IdentityCredential delegate = credential();
    Stamp stamp =
        new Stamp(
            UUID.randomUUID().toString(),
            UUID.randomUUID().toString(),
            now.getEpochSecond(),
            ttl.toSeconds());
    try {
      Delegated delegated = Delegator.sign(parent, holder, delegate, attenuation(), stamp);
      DocumentFiles.write(out, delegated.contract(), force, surroundings.out());
      return ExitCode.OK;
    } catch (MalformedException e) {
      throw CommandException.unusable(contract + " is not delegated: " + e.getMessage());
    }
  }

  private Parent parent(String chain) throws CommandException {
    List<Block> blocks = new ArrayList<>();
    try {
      for (String jws : chain.split(", ", -1)) {
        blocks.add(SignedBlock.read(jws).block());
      }
    } catch (MalformedException e) {
      throw CommandException.unusable(contract + " is no contract: " + e.getMessage());
    }
    if (blocks.getFirst().depth() != 0) {
      throw CommandException.unusable(
          contract + " begins with a delegation: the root contract stands first, then ', '");
    }
    return new Parent(chain, blocks);
  }

  private IdentityCredential credential() throws CommandException {
    try {
      return IdentityCredential.parse(
          DocumentFiles.read(to), DocumentFiles.trust(trust), Ed25519.bouncyCastle());
    } catch (MalformedException e) {
      throw CommandException.unusable(
          to + " is no identity credential of this issuer: " + e.getMessage());
    }
  }

  private Attenuation attenuation() {
    return new Attenuation(
        actions.isEmpty() ? Optional.empty() : Optional.of(actions),
        Map.of(),
        new Limits(calls, null, null),
        maxDepth == null ? OptionalLong.empty() : OptionalLong.of(maxDepth),
        delegateTo.isEmpty() ? Optional.empty() : Optional.of(delegateTo));
  }
}

package dev.writ.cli.document;

import dev.writ.cli.CommandException;
import dev.writ.cli.ExitCode;
import dev.writ.cli.Surroundings;
import dev.writ.contract.Names;
import dev.writ.contract.document.Block;
import dev.writ.contract.document.RootContract;
import dev.writ.contract.key.PrivateKey;
import dev.writ.contract.key.PublicKey;
import dev.writ.operator.capability.Minting;
import dev.writ.operator.capability.Outside;
import dev.writ.operator.capability.Terms;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.UUID;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code writ contract issue}: what the operator does when a sidecar enrols, by hand. */
@Command(
    name = "issue",
    description = {
      "Signs a contract from an AgentCapability for one holder, as the operator would.",
      "The same capability (namespace and name, or metadata.uid) always gives the same cid: counts"
          + " and revocations hang on it."
    })
final class IssueCommand implements Callable<Integer> {
  private final Surroundings surroundings;

  @Option(
      names = "--capability",
      required = true,
      paramLabel = "FILE",
      description = "YAML of one AgentCapability.")
  private Path capability = Path.of("");

  @Option(
      names = "--holder",
      required = true,
      paramLabel = "FILE",
      description = "Public key (JWK) of the agent that may use it.")
  private Path holder = Path.of("");

  @Option(
      names = "--key",
      required = true,
      paramLabel = "FILE",
      description = "Private key (JWK) of the issuer.")
  private Path key = Path.of("");

  @Option(
      names = "--ttl",
      defaultValue = "15m",
      converter = Lifetime.class,
      description =
          "How long it is valid, at most 24h; never beyond the capability's own end. Default:"
              + " ${DEFAULT-VALUE}.")
  private Duration ttl = Duration.ZERO;

  @Option(
      names = "--trust-domain",
      defaultValue = Names.TRUST_DOMAIN,
      description = "Default: ${DEFAULT-VALUE}.")
  private String trustDomain = Names.TRUST_DOMAIN;

  @Option(
      names = "--out",
      paramLabel = "FILE",
      description = "Where it goes; standard output if not given.")
  private @Nullable Path out;

  @Option(names = "--force", description = "Replace the file if it exists.")
  private boolean force;

  IssueCommand(Surroundings surroundings) {
    this.surroundings = surroundings;
  }

  @Override
  public Integer call() throws CommandException {
    Instant now = surroundings.clock().instant();
    Terms terms = CapabilityFile.read(capability, trustDomain, now);
    PublicKey holderKey = DocumentFiles.publicKey(holder);
    Outside outside = terms.outside();
    if (outside != null && !outside.key().equals(holderKey)) {
      throw CommandException.unusable(
          holder + " is not the key that spec.source.publicKey of " + capability + " names");
    }
    PrivateKey issuer = DocumentFiles.privateKey(key, surroundings.err());
    if (terms.suspended()) {
      throw CommandException.unusable(
          capability
              + ": it is suspended; take spec.suspend out, nothing is signed for it until then");
    }
    long seconds = now.getEpochSecond();
    if (!terms.validAt(seconds)) {
      throw CommandException.unusable(
          capability
              + (terms.expiredAt(seconds)
                  ? ": its validity has ended"
                  : ": its validity has not begun"));
    }
    RootContract minted = Minting.mint(terms, holderKey, UUID.randomUUID().toString(), seconds);
    String jws = lasting(minted, seconds, terms).sign(issuer);
    DocumentFiles.write(out, jws, force, surroundings.out());
    return ExitCode.OK;
  }

  /** The operator mints for a quarter of an hour; a file may have to last longer. */
  private RootContract lasting(RootContract minted, long now, Terms terms) {
    long end = Math.min(now + ttl.toSeconds(), minted.nbf() + Block.MAX_LIFE);
    return new RootContract(
        minted.iss(),
        minted.sub(),
        minted.aud(),
        minted.iat(),
        minted.nbf(),
        Math.min(end, terms.notAfter().orElse(Long.MAX_VALUE)),
        minted.jti(),
        minted.cid(),
        minted.gen(),
        minted.holder(),
        minted.maxDepth(),
        minted.delegateTo(),
        minted.actions(),
        minted.rules(),
        minted.limits(),
        minted.base(),
        minted.auditSync(),
        minted.terminateOnExpiry());
  }
}

package dev.writ.cli.document;

import dev.writ.cli.CommandException;
import dev.writ.cli.ExitCode;
import dev.writ.cli.Surroundings;
import dev.writ.contract.ErrorCode;
import dev.writ.contract.MalformedException;
import dev.writ.contract.document.RevocationList;
import dev.writ.contract.document.RootContract;
import dev.writ.contract.document.TrustBundle;
import dev.writ.contract.key.Ed25519;
import java.nio.file.Path;
import java.time.Instant;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/**
 * {@code writ contract verify}: the steps of a gate that need no request. (protocol.md, section 4)
 */
@Command(
    name = "verify",
    description = {
      "Checks a root contract: signature, shape, validity, and audience and revocation if asked.",
      "Prints what it grants, or the code and the reason of the refusal."
    },
    footer = {"", "Exit codes: 0 valid, 1 refused, 2 something could not be read."})
final class VerifyCommand implements Callable<Integer> {
  private final Surroundings surroundings;

  @Parameters(paramLabel = "FILE", description = "The contract; - is standard input.")
  private Path file = Path.of("-");

  @Option(
      names = "--trust",
      required = true,
      paramLabel = "FILE",
      description = "Trust bundle (JWKS) of issuer keys.")
  private Path trust = Path.of("");

  @Option(
      names = "--audience",
      paramLabel = "ID",
      description = "Service id (spiffe://...) that it must be for.")
  private @Nullable String audience;

  @Option(names = "--revocations", paramLabel = "FILE", description = "Signed revocation list.")
  private @Nullable Path revocations;

  @Option(
      names = "--at",
      paramLabel = "TIME",
      description = "Check for this moment (RFC 3339) and not for now.")
  private @Nullable Instant at;

  VerifyCommand(Surroundings surroundings) {
    this.surroundings = surroundings;
  }

  @Override
  public Integer call() throws CommandException {
    TrustBundle bundle = DocumentFiles.trust(trust);
    long now = (at == null ? surroundings.clock().instant() : at).getEpochSecond();
    RootContract contract = parse(DocumentFiles.read(file), bundle);
    if (now < contract.nbf()) {
      throw refused(ErrorCode.NOT_YET_VALID, "valid from " + Instant.ofEpochSecond(contract.nbf()));
    }
    if (now >= contract.exp()) {
      throw refused(ErrorCode.EXPIRED, "it ended at " + Instant.ofEpochSecond(contract.exp()));
    }
    if (audience != null && !audience.equals(contract.aud())) {
      throw refused(ErrorCode.WRONG_AUDIENCE, "it is for " + contract.aud());
    }
    if (revocations != null) {
      checkRevocation(contract, bundle, now, revocations);
    }
    surroundings
        .out()
        .println(
            "valid: %s may %s on %s until %s"
                .formatted(
                    contract.sub(),
                    String.join(", ", contract.actions()),
                    contract.aud(),
                    Instant.ofEpochSecond(contract.exp())));
    return ExitCode.OK;
  }

  private static RootContract parse(String jws, TrustBundle bundle) throws CommandException {
    if (jws.isEmpty()) {
      throw refused(ErrorCode.MISSING_CONTRACT, "the file is empty");
    }
    if (jws.contains(",")) {
      throw CommandException.unusable("this is a chain; delegations cannot be checked here yet");
    }
    try {
      return RootContract.parse(jws, bundle, Ed25519.bouncyCastle());
    } catch (MalformedException e) {
      throw refused(ErrorCode.INVALID_CONTRACT, String.valueOf(e.getMessage()));
    }
  }

  private static void checkRevocation(
      RootContract contract, TrustBundle bundle, long now, Path revocations)
      throws CommandException {
    RevocationList list;
    try {
      list = RevocationList.parse(DocumentFiles.read(revocations), bundle, Ed25519.bouncyCastle());
    } catch (MalformedException e) {
      throw CommandException.unusable(revocations + " is no revocation list: " + e.getMessage());
    }
    if (now >= list.exp() || list.iat() > now + RevocationList.MAX_AHEAD) {
      throw refused(
          ErrorCode.REVOCATION_STALE, "the list ended at " + Instant.ofEpochSecond(list.exp()));
    }
    boolean dead =
        list.cids().contains(contract.cid())
            || list.jtis().contains(contract.jti())
            || list.jkts().contains(contract.holder().thumbprint())
            || contract.gen() < list.gens().getOrDefault(contract.cid(), 0L);
    if (dead) {
      throw refused(ErrorCode.REVOKED, "it is on the revocation list " + list.seq());
    }
  }

  private static CommandException refused(ErrorCode code, String why) {
    return CommandException.violated(code.code() + ": " + why);
  }
}

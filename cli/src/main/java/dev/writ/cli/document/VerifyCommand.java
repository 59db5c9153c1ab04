package dev.writ.cli.document;

import dev.writ.cli.CommandException;
import dev.writ.cli.ExitCode;
import dev.writ.cli.Surroundings;
import dev.writ.contract.ErrorCode;
import dev.writ.contract.MalformedException;
import dev.writ.contract.document.RevocationList;
import dev.writ.contract.document.RootContract;
import dev.writ.contract.document.SignedBlock;
import dev.writ.contract.document.TrustBundle;
import dev.writ.contract.key.Ed25519;
import dev.writ.contract.verify.ChainResult;
import dev.writ.contract.verify.Challenges;
import dev.writ.contract.verify.Moment;
import dev.writ.contract.verify.Revocations;
import dev.writ.contract.verify.Verifier;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Instant;
import java.util.Set;
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
      "Checks a contract, or a chain with its credentials: signature, shape, validity, and audience"
          + " and revocation if asked.",
      "Prints what it grants, or the code and the reason of the refusal."
    },
    footer = {"", "Exit codes: 0 valid, 1 refused, 2 something could not be read."})
final class VerifyCommand implements Callable<Integer> {
  private static final int MIN_WINDOWS = 16;

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

  @Option(
      names = "--identities",
      paramLabel = "FILE",
      description =
          "For a chain: the credentials of its delegates, in order, as in Capability-Identity.")
  private @Nullable Path identities;

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
    String text = DocumentFiles.read(file);
    if (text.contains(",") || identities != null) {
      return chain(text, bundle, now);
    }
    RootContract contract = parse(text, bundle);
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
    try {
      return RootContract.parse(jws, bundle, Ed25519.bouncyCastle());
    } catch (MalformedException e) {
      throw refused(ErrorCode.INVALID_CONTRACT, String.valueOf(e.getMessage()));
    }
  }

  /** A chain goes through the gate's own steps. */
  private Integer chain(String text, TrustBundle bundle, long now) throws CommandException {
    Moment moment = new Moment(now, 0);
    Verifier verifier =
        new Verifier(
            Ed25519.bouncyCastle(), new Challenges(new SecureRandom(), moment, MIN_WINDOWS), 0);
    verifier.trust(bundle);
    String proofs = identities == null ? null : DocumentFiles.read(identities);
    Revocations list = new Revocations.Unconfigured();
    if (revocations != null) {
      try {
        list =
            Revocations.standalone(
                RevocationList.parse(
                    DocumentFiles.read(revocations), bundle, Ed25519.bouncyCastle()));
      } catch (MalformedException e) {
        throw CommandException.unusable(revocations + " is no revocation list: " + e.getMessage());
      }
    }
    String service = audience == null ? audienceOf(text) : audience;
    switch (verifier.chain(text, proofs, Set.of(service), list, moment)) {
      case ChainResult.Rejected no -> throw refused(no.code(), no.reason());
      case ChainResult.Verified yes ->
          surroundings
              .out()
              .println(
                  "valid: %s may %s on %s until %s, for %s"
                      .formatted(
                          yes.chain().subject(),
                          String.join(", ", yes.chain().leaf().actions()),
                          yes.chain().root().aud(),
                          Instant.ofEpochSecond(yes.chain().firstExpiry()),
                          String.join(" -> ", yes.chain().subjects())));
    }
    return ExitCode.OK;
  }

  private static String audienceOf(String text) throws CommandException {
    try {
      return SignedBlock.read(text.split(",", 2)[0]).block().aud();
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

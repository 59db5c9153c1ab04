package dev.writ.contract;

import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Why a request was refused (protocol.md, section 5). Response, log, metric, Event and
 * documentation come from here; a code is never reused.
 */
public enum ErrorCode {
  MISSING_CONTRACT(
      "missing-contract",
      401,
      "The request carries no capability contract.",
      "Call through the Writ helper (HTTP_PROXY), or send Capability-Contract and a signature; an"
          + " AgentCapability must name the caller as its source."),
  CONTRACT_TOO_LARGE(
      "contract-too-large",
      431,
      "A capability header is too large.",
      "Capability-Contract and the delegation headers hold at most 12 KiB each, Capability-Identity"
          + " at most 6 KiB."),
  MALFORMED(
      "malformed",
      400,
      "The request is malformed.",
      "Send each header once and in its exact syntax, a plain origin-form target, and a body that"
          + " is strict JSON where the rule reads it."),
  INVALID_PROOF(
      "invalid-proof",
      401,
      "The proof of possession does not verify.",
      "Sign this very request with the key of the last block, with a clock that is right to 30"
          + " seconds."),
  USE_NONCE(
      "use-nonce",
      401,
      "The challenge in the nonce is not one that this replica takes.",
      "Sign again with the challenge in the Capability-Nonce header of this answer."),
  INVALID_CONTRACT(
      "invalid-contract",
      401,
      "The contract chain does not verify.",
      "Send the contract as it was issued, and with each delegation the identity of its holder."),
  DELEGATION_VIOLATION(
      "delegation-violation",
      403,
      "A delegation grants more than it may.",
      "Delegate only what the parent grants, to whom it names, for no longer and no deeper."),
  EXPIRED(
      "expired",
      401,
      "A block of the chain or an identity has expired.",
      "Fetch a fresh contract and try again."),
  NOT_YET_VALID(
      "not-yet-valid",
      401,
      "A block of the chain or an identity is not valid yet.",
      "Wait until it is, and compare the clocks."),
  WRONG_AUDIENCE(
      "wrong-audience",
      403,
      "The contract is for another service.",
      "Use a contract whose audience is the service behind this port."),
  REVOCATION_STALE(
      "revocation-stale",
      503,
      "The gate has no fresh revocation list.",
      "Try again later; the operator of the callee must restore the gate's connection."),
  REVOKED(
      "revoked",
      403,
      "The contract was revoked.",
      "Fetch a fresh contract and try once more; if that is revoked too, ask the owner of the"
          + " callee."),
  BODY_TOO_LARGE(
      "body-too-large", 413, "The body is larger than the gate reads.", "Send a smaller body."),
  DIGEST_MISMATCH(
      "digest-mismatch",
      400,
      "The body does not match Content-Digest.",
      "Send the digest of the body as it travels, and let nothing rewrite it."),
  ACTION_NOT_GRANTED(
      "action-not-granted",
      403,
      "The contract does not grant this action.",
      "Call what the capability's actions name, or have them extended."),
  ARGUMENT_NOT_ALLOWED(
      "argument-not-allowed",
      403,
      "The action is granted, but not with these arguments.",
      "Stay within the arguments that the capability allows."),
  UNSUPPORTED_MEDIA_TYPE(
      "unsupported-media-type",
      415,
      "The body is of a media type that the rule cannot read.",
      "Send application/json in UTF-8, without content encoding."),
  REPLAYED(
      "replayed",
      401,
      "This proof was used before.",
      "Sign each request anew, with the next sequence number."),
  RATE_LIMITED(
      "rate-limited", 429, "Too many calls in this period.", "Wait as long as Retry-After says."),
  TOO_MANY_CONCURRENT(
      "too-many-concurrent",
      429,
      "Too many calls at the same time.",
      "Wait for an open call to end, then try again."),
  QUOTA_EXHAUSTED(
      "quota-exhausted",
      403,
      "All calls of the contract are spent.",
      "This is final; ask the owner of the callee for a higher limit."),
  QUOTA_UNAVAILABLE(
      "quota-unavailable",
      503,
      "The gate cannot count this call now.",
      "Try again later; the remaining calls may be held elsewhere."),
  AUDIT_UNAVAILABLE(
      "audit-unavailable",
      503,
      "The gate cannot record this call.",
      "Try again later; whoever runs the callee must make room for records, or bring the log"
          + " back."),
  EXPOSED(
      "exposed",
      503,
      "The application can be reached past its gate.",
      "Try again later; the operator of the callee must bind it to 127.0.0.1 or capture by"
          + " redirect."),
  UPSTREAM_UNAVAILABLE(
      "upstream-unavailable",
      502,
      "The application behind the gate does not answer.",
      "The call is spent and may have been done; try again only if doing it twice does no harm.");

  private static final Map<String, ErrorCode> BY_CODE =
      Stream.of(values())
          .collect(Collectors.toUnmodifiableMap(ErrorCode::code, Function.identity()));

  private final String code;
  private final int status;
  private final String title;
  private final String detail;

  ErrorCode(String code, int status, String title, String detail) {
    this.code = code;
    this.status = status;
    this.title = title;
    this.detail = detail;
  }

  /** The word on the wire, such as {@code missing-contract}. */
  public String code() {
    return code;
  }

  /** The HTTP status that goes with it. */
  public int status() {
    return status;
  }

  /** One fixed sentence that says what is wrong. */
  public String title() {
    return title;
  }

  /** What the caller can do about it. */
  public String detail() {
    return detail;
  }

  /** The {@code type} of the problem document (RFC 9457). */
  public String type() {
    return "https://writ.dev/errors/" + code;
  }

  /** The code of that word, or empty for a word that is none. */
  public static Optional<ErrorCode> of(String code) {
    return Optional.ofNullable(BY_CODE.get(code));
  }

  @Override
  public String toString() {
    return code;
  }
}

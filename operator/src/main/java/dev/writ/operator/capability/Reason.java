package dev.writ.operator.capability;

/**
 * Why a condition is as it is, in one word for programs. Words are never reused for something else.
 * (crd.md, Conditions)
 */
public enum Reason {
  /** The spec makes sense. */
  ACCEPTED("Accepted"),
  /** The spec is not readable as one of this version. */
  INVALID("Invalid"),
  /** The spec makes sense and this version can't enforce it. */
  NOT_SUPPORTED("NotSupported"),
  /** A rule that no request can satisfy. */
  NEVER_MATCHES("NeverMatches"),
  /** The contract would be too large for a request header. */
  CONTRACT_TOO_LARGE("ContractTooLarge"),
  /** All that is named exists. */
  RESOLVED("ResolvedRefs"),
  /** No such service account. */
  SERVICE_ACCOUNT_NOT_FOUND("ServiceAccountNotFound"),
  /** The Secret for the contract of an agent outside belongs to somebody else. */
  SECRET_NOT_OURS("SecretNotOurs"),
  /** The operator may not write the Secret for the contract of an agent outside. */
  SECRET_FORBIDDEN("SecretForbidden"),
  /** No such service, or one that selects nothing. */
  SERVICE_NOT_FOUND("ServiceNotFound"),
  /** The service has no such port, or none that a sidecar guards. */
  PORT_NOT_FOUND("PortNotFound"),
  /** The port speaks another protocol than the rules. */
  PROTOCOL_MISMATCH("ProtocolMismatch"),
  /** No injected pod behind the service. */
  TARGET_UNGUARDED("TargetUnguarded"),
  /** Every sidecar of the target confirmed. */
  PROGRAMMED("Programmed"),
  /** Not known yet. */
  PENDING("Pending"),
  /** A call made now would be let through. */
  ACTIVE("Active"),
  /** Before notBefore. */
  NOT_YET_VALID("NotYetValid"),
  /** At or after the end. */
  EXPIRED("Expired"),
  /** All calls are used. */
  EXHAUSTED("Exhausted"),
  /** The ledger says less than the log. */
  LEDGER_BEHIND_LOG("LedgerBehindLog"),
  /** spec.suspend. */
  SUSPENDED("Suspended");

  private final String word;

  Reason(String word) {
    this.word = word;
  }

  /** As it stands in a condition. */
  public String word() {
    return word;
  }
}

package dev.writ.operator.reconcile;

import dev.writ.operator.capability.Reason;
import java.util.Optional;

/**
 * Changes that a person acts on, as Events on the capability, or on the owner of pods; no others
 * are sent. (crd.md, Events)
 */
public enum EventReason {
  /** A call made now would be let through. */
  Active(false),
  /** The spec was refused. */
  Refused(true),
  /** Something that it names does not exist. */
  Unresolved(true),
  /** No injected pod behind the target. */
  TargetUnguarded(true),
  /** This version can't make it so. */
  NotSupported(true),
  /** The ledger says less than the log: an administrator has to decide. */
  LedgerBehindLog(true),
  /** All calls are used. */
  Exhausted(true),
  /** Its end has passed. */
  Expired(true),
  /** spec.suspend. */
  Suspended(false),
  /** The contract of an agent outside the cluster is in its Secret. */
  ContractPlaced(false),
  /** A pod's keys count no more, as somebody asked. */
  Revoked(false),
  /** A request to revoke that can't be read. */
  RevocationDeclined(true),
  /** A request about the issuer's keys that can't be met. */
  KeyRequestDeclined(true),
  /** The pods of this owner get their sidecar. */
  Injected(false),
  /** A pod of this owner was not created; the message says what to change. */
  InjectionRefused(true),
  /** The stored issuer keys can't be used; those before stay in use. */
  IssuerKeysUnusable(true);

  private final boolean warning;

  EventReason(boolean warning) {
    this.warning = warning;
  }

  String type() {
    return warning ? "Warning" : "Normal";
  }

  /** What a new reason of the condition Ready is worth. */
  static Optional<EventReason> of(Reason ready) {
    return switch (ready) {
      case ACTIVE -> Optional.of(Active);
      case INVALID, NEVER_MATCHES, CONTRACT_TOO_LARGE, PROTOCOL_MISMATCH -> Optional.of(Refused);
      case SERVICE_ACCOUNT_NOT_FOUND,
          SERVICE_NOT_FOUND,
          PORT_NOT_FOUND,
          SECRET_NOT_OURS,
          SECRET_FORBIDDEN ->
          Optional.of(Unresolved);
      case TARGET_UNGUARDED -> Optional.of(TargetUnguarded);
      case NOT_SUPPORTED -> Optional.of(NotSupported);
      case EXHAUSTED -> Optional.of(Exhausted);
      case LEDGER_BEHIND_LOG -> Optional.of(LedgerBehindLog);
      case EXPIRED -> Optional.of(Expired);
      case SUSPENDED -> Optional.of(Suspended);
      case ACCEPTED, RESOLVED, PROGRAMMED, PENDING, NOT_YET_VALID -> Optional.empty();
    };
  }
}

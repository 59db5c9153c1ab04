package dev.writ.operator.capability;

/** Whether a spec makes sense and can be enforced by this version. */
public sealed interface Acceptance {
  /** It does; contracts can be minted from the terms. */
  record Accepted(Terms terms) implements Acceptance {}

  /** It does not; the message says what to write instead. */
  record Refused(Reason reason, String message) implements Acceptance {}
}

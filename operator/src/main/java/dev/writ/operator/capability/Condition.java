package dev.writ.operator.capability;

/** One condition of a capability, without the times that its status adds. */
public record Condition(Type type, Truth truth, Reason reason, String message) {
  /** The conditions that every capability has, in this order. */
  public enum Type {
    /** The spec makes sense. */
    ACCEPTED("Accepted"),
    /** What it names exists. */
    RESOLVED_REFS("ResolvedRefs"),
    /** Every gate of the target confirmed. */
    PROGRAMMED("Programmed"),
    /** A call made now would be let through. */
    READY("Ready");

    private final String word;

    Type(String word) {
      this.word = word;
    }

    /** As it stands in the status. */
    public String word() {
      return word;
    }
  }

  /** Status of a condition. */
  public enum Truth {
    /** It is so. */
    TRUE("True"),
    /** It is not so. */
    FALSE("False"),
    /** Not known yet. */
    UNKNOWN("Unknown");

    private final String word;

    Truth(String word) {
      this.word = word;
    }

    /** As it stands in the status. */
    public String word() {
      return word;
    }
  }
}

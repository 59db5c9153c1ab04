package dev.writ.operator.capability;

import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * All that follows for one capability at one moment.
 *
 * @param conditions one of each type, in the order of the types
 * @param issuable whether contracts are minted
 * @param revoked whether contracts that are out must not count
 */
public record Verdict(List<Condition> conditions, boolean issuable, boolean revoked) {
  /** Copies. */
  public Verdict {
    conditions = List.copyOf(conditions);
  }

  /**
   * Decides about an accepted capability.
   *
   * @param now epoch seconds
   */
  public static Verdict of(
      Terms terms, Resolution resolution, Enforcement enforcement, Usage usage, long now) {
    boolean uncountable = terms.limits().calls() != null && enforcement.total() > 1;
    boolean overrun = overrun(terms, usage);
    Condition accepted =
        new Condition(
            Condition.Type.ACCEPTED,
            Condition.Truth.TRUE,
            Reason.ACCEPTED,
            "The spec makes sense.");
    Condition resolved =
        switch (resolution) {
          case Resolution.Resolved _ ->
              new Condition(
                  Condition.Type.RESOLVED_REFS,
                  Condition.Truth.TRUE,
                  Reason.RESOLVED,
                  "All that it names exists.");
          case Resolution.Unresolved missing ->
              new Condition(
                  Condition.Type.RESOLVED_REFS,
                  Condition.Truth.FALSE,
                  missing.reason(),
                  missing.message());
        };
    Condition programmed = programmed(terms, resolved, bare(resolution), enforcement, uncountable);
    Condition ready = ready(terms, usage, now, resolved, programmed);
    boolean revoked = terms.suspended() || uncountable || overrun;
    boolean issuable = resolved.truth() == Condition.Truth.TRUE && !revoked && terms.validAt(now);
    return new Verdict(List.of(accepted, resolved, programmed, ready), issuable, revoked);
  }

  /** Decides about a refused one: nothing after the first condition was looked at. */
  public static Verdict of(Acceptance.Refused refused) {
    String later = "Not looked at before the spec is accepted.";
    return new Verdict(
        List.of(
            new Condition(
                Condition.Type.ACCEPTED,
                Condition.Truth.FALSE,
                refused.reason(),
                refused.message()),
            new Condition(
                Condition.Type.RESOLVED_REFS, Condition.Truth.UNKNOWN, Reason.PENDING, later),
            new Condition(
                Condition.Type.PROGRAMMED, Condition.Truth.UNKNOWN, Reason.PENDING, later),
            new Condition(
                Condition.Type.READY, Condition.Truth.FALSE, refused.reason(), refused.message())),
        false,
        true);
  }

  /** The condition of that type. */
  public Condition condition(Condition.Type type) {
    return conditions.stream()
        .filter(condition -> condition.type() == type)
        .findAny()
        .orElseThrow();
  }

  /**
   * A new pod's gate counts from zero: once all pods together reached the limit, the gate can't be
   * left to find out.
   */
  private static boolean overrun(Terms terms, Usage usage) {
    Long calls = terms.limits().calls();
    return calls != null && usage.used() >= calls && usage.usedByCurrent() < calls;
  }

  private static Set<String> bare(Resolution resolution) {
    return resolution instanceof Resolution.Resolved known ? known.bare() : Set.of();
  }

  private static Condition programmed(
      Terms terms,
      Condition resolved,
      Set<String> bare,
      Enforcement enforcement,
      boolean uncountable) {
    if (resolved.truth() != Condition.Truth.TRUE) {
      return new Condition(
          Condition.Type.PROGRAMMED,
          Condition.Truth.UNKNOWN,
          Reason.PENDING,
          "Not looked at before all that it names exists.");
    }
    if (uncountable) {
      return new Condition(
          Condition.Type.PROGRAMMED,
          Condition.Truth.FALSE,
          Reason.NOT_SUPPORTED,
          "limits.calls is exact with one pod behind the target only, in this version, and there"
              + " are "
              + enforcement.total()
              + ": run one replica behind Service "
              + terms.target().name()
              + ", or remove limits.calls. Until then nothing is granted.");
    }
    if (!bare.isEmpty()) {
      String some = bare.stream().sorted().limit(3).collect(Collectors.joining(", "));
      return new Condition(
          Condition.Type.PROGRAMMED,
          Condition.Truth.FALSE,
          Reason.TARGET_UNGUARDED,
          bare.size()
              + " pods behind Service "
              + terms.target().name()
              + " have no sidecar, so calls that reach them pass no gate ("
              + some
              + "): annotate their template with writ.dev/inject: enabled.");
    }
    String progress =
        enforcement.ready()
            + "/"
            + enforcement.total()
            + " sidecars of the target confirmed this generation.";
    return enforcement.ready() >= enforcement.total()
        ? new Condition(
            Condition.Type.PROGRAMMED, Condition.Truth.TRUE, Reason.PROGRAMMED, progress)
        : new Condition(Condition.Type.PROGRAMMED, Condition.Truth.FALSE, Reason.PENDING, progress);
  }

  private static Condition ready(
      Terms terms, Usage usage, long now, Condition resolved, Condition programmed) {
    Long calls = terms.limits().calls();
    if (terms.suspended()) {
      return no(
          Reason.SUSPENDED,
          "spec.suspend is true: no call is let through until it is false again.");
    }
    if (terms.expiredAt(now)) {
      return no(Reason.EXPIRED, "Its end has passed: write a later notAfter, or delete it.");
    }
    if (calls != null && usage.used() >= calls) {
      return no(
          Reason.EXHAUSTED, "All " + calls + " calls are used: raise limits.calls, or delete it.");
    }
    for (Condition earlier : List.of(resolved, programmed)) {
      if (earlier.truth() != Condition.Truth.TRUE) {
        return no(earlier.reason(), earlier.message());
      }
    }
    return terms.validAt(now)
        ? new Condition(
            Condition.Type.READY,
            Condition.Truth.TRUE,
            Reason.ACTIVE,
            "A call made now would be let through.")
        : no(Reason.NOT_YET_VALID, "notBefore has not come yet.");
  }

  private static Condition no(Reason reason, String message) {
    return new Condition(Condition.Type.READY, Condition.Truth.FALSE, reason, message);
  }
}

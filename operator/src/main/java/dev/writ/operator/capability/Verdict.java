package dev.writ.operator.capability;

import dev.writ.contract.Names;
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
      Terms terms, Resolution resolution, Enforcement enforcement, CallTotals calls, long now) {
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
    Condition programmed = programmed(terms, resolved, bare(resolution), enforcement, calls);
    Condition ready = ready(terms, calls, now, resolved, programmed);
    boolean issuable =
        resolved.truth() == Condition.Truth.TRUE
            && !terms.suspended()
            && calls.behind() == null
            && terms.validAt(now);
    return new Verdict(List.of(accepted, resolved, programmed, ready), issuable, terms.suspended());
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

  /** The same, but something that the spec names can't be used: no contract gets to its holder. */
  public Verdict unresolved(Reason reason, String message) {
    return new Verdict(
        conditions.stream()
            .map(
                condition ->
                    switch (condition.type()) {
                      case RESOLVED_REFS, READY ->
                          new Condition(condition.type(), Condition.Truth.FALSE, reason, message);
                      case ACCEPTED, PROGRAMMED -> condition;
                    })
            .toList(),
        issuable,
        revoked);
  }

  /** The condition of that type. */
  public Condition condition(Condition.Type type) {
    return conditions.stream()
        .filter(condition -> condition.type() == type)
        .findAny()
        .orElseThrow();
  }

  private static Set<String> bare(Resolution resolution) {
    return resolution instanceof Resolution.Resolved known ? known.bare() : Set.of();
  }

  private static Condition programmed(
      Terms terms,
      Condition resolved,
      Set<String> bare,
      Enforcement enforcement,
      CallTotals calls) {
    if (resolved.truth() != Condition.Truth.TRUE) {
      return new Condition(
          Condition.Type.PROGRAMMED,
          Condition.Truth.UNKNOWN,
          Reason.PENDING,
          "Not looked at before all that it names exists.");
    }
    if (calls.behind() != null) {
      return new Condition(
          Condition.Type.PROGRAMMED,
          Condition.Truth.FALSE,
          Reason.LEDGER_BEHIND_LOG,
          "Its CallLedger says less than the log, as after a restored backup: nothing is granted."
              + " If the log is right, accept its totals: annotate this AgentCapability with "
              + Names.ACCEPT_LOG
              + "="
              + calls.behind()
              + ".");
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
    Long limit = terms.limits().calls();
    if (limit != null && calls.held() > 0 && calls.claimed() > limit) {
      return new Condition(
          Condition.Type.PROGRAMMED,
          Condition.Truth.FALSE,
          Reason.PENDING,
          "The limit was lowered to "
              + limit
              + "; "
              + calls.held()
              + " calls that gates were granted before are being called back.");
    }
    return enforcement.ready() >= enforcement.total()
        ? new Condition(
            Condition.Type.PROGRAMMED, Condition.Truth.TRUE, Reason.PROGRAMMED, progress)
        : new Condition(Condition.Type.PROGRAMMED, Condition.Truth.FALSE, Reason.PENDING, progress);
  }

  private static Condition ready(
      Terms terms, CallTotals calls, long now, Condition resolved, Condition programmed) {
    Long limit = terms.limits().calls();
    if (terms.suspended()) {
      return no(
          Reason.SUSPENDED,
          "spec.suspend is true: no call is let through until it is false again.");
    }
    if (terms.expiredAt(now)) {
      return no(Reason.EXPIRED, "Its end has passed: write a later notAfter, or delete it.");
    }
    if (limit != null && calls.used() >= limit) {
      return no(
          Reason.EXHAUSTED, "All " + limit + " calls are used: raise limits.calls, or delete it.");
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

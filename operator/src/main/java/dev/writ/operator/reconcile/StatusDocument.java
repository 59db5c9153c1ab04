package dev.writ.operator.reconcile;

import dev.writ.operator.capability.CallTotals;
import dev.writ.operator.capability.Enforcement;
import dev.writ.operator.capability.Usage;
import dev.writ.operator.capability.Verdict;
import dev.writ.operator.records.LogPosition;
import dev.writ.v1alpha1.AgentCapabilityStatus;
import dev.writ.v1alpha1.agentcapabilitystatus.Calls;
import dev.writ.v1alpha1.agentcapabilitystatus.Decisions;
import dev.writ.v1alpha1.agentcapabilitystatus.Enforcers;
import dev.writ.v1alpha1.agentcapabilitystatus.Log;
import dev.writ.v1alpha1.agentcapabilitystatus.RecentDenials;
import io.fabric8.kubernetes.api.model.Condition;
import io.fabric8.kubernetes.api.model.ConditionBuilder;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * From an assessment to the status as users read it. Pure; equal input gives an equal status.
 * (crd.md)
 */
final class StatusDocument {
  private StatusDocument() {}

  /**
   * The whole status.
   *
   * @param before the present status: a condition that stays as it is keeps its time
   * @param generation of the spec that was assessed
   */
  static AgentCapabilityStatus of(
      CapabilityDesk.Assessment assessment,
      long generation,
      @Nullable AgentCapabilityStatus before,
      Instant now) {
    AgentCapabilityStatus status = new AgentCapabilityStatus();
    status.setObservedGeneration(generation);
    status.setConditions(conditions(assessment.verdict(), generation, before, now));
    status.setCalls(calls(assessment));
    status.setDecisions(decisions(assessment.usage()));
    status.setRecentDenials(denials(assessment.usage()));
    Enforcement enforcement = assessment.enforcement();
    Enforcers enforcers = new Enforcers();
    enforcers.setReady(enforcement.ready());
    enforcers.setTotal(enforcement.total());
    status.setEnforcers(enforcers);
    status.setHolders(enforcement.holders());
    assessment.log().ifPresent(position -> status.setLog(log(position)));
    return status;
  }

  /** The condition of that type in a status, if it has one. */
  static Optional<Condition> condition(@Nullable AgentCapabilityStatus status, String type) {
    return status == null || status.getConditions() == null
        ? Optional.empty()
        : status.getConditions().stream()
            .filter(condition -> type.equals(condition.getType()))
            .findFirst();
  }

  private static List<Condition> conditions(
      Verdict verdict, long generation, @Nullable AgentCapabilityStatus before, Instant now) {
    List<Condition> conditions = new ArrayList<>();
    for (dev.writ.operator.capability.Condition condition : verdict.conditions()) {
      String since =
          condition(before, condition.type().word())
              .filter(old -> condition.truth().word().equals(old.getStatus()))
              .map(Condition::getLastTransitionTime)
              .orElseGet(() -> now.truncatedTo(ChronoUnit.SECONDS).toString());
      conditions.add(
          new ConditionBuilder()
              .withType(condition.type().word())
              .withStatus(condition.truth().word())
              .withReason(condition.reason().word())
              .withMessage(condition.message())
              .withObservedGeneration(generation)
              .withLastTransitionTime(since)
              .build());
    }
    return conditions;
  }

  /** Without a limit nothing is counted, and what was let through stands for what was used. */
  private static Calls calls(CapabilityDesk.Assessment assessment) {
    Long limit = assessment.terms().map(known -> known.limits().calls()).orElse(null);
    CallTotals totals = assessment.calls();
    long used =
        limit == null ? Math.max(totals.used(), assessment.usage().allowed()) : totals.used();
    Calls calls = new Calls();
    calls.setUsed(used);
    calls.setHeld(totals.held());
    calls.setStranded(totals.stranded());
    calls.setSummary(limit == null ? String.valueOf(used) : used + "/" + limit);
    if (limit != null) {
      calls.setRemaining(Math.max(0, limit - used));
    }
    return calls;
  }

  private static Decisions decisions(Usage usage) {
    Decisions decisions = new Decisions();
    decisions.setAllowed(usage.allowed());
    decisions.setDenied(usage.denied());
    Instant last = usage.lastTime();
    if (last != null) {
      decisions.setLastTime(utc(last));
      decisions.setLastChain(usage.lastChain());
    }
    return decisions;
  }

  private static List<RecentDenials> denials(Usage usage) {
    List<RecentDenials> denials = new ArrayList<>();
    for (Usage.Denial denial : usage.denials()) {
      RecentDenials shown = new RecentDenials();
      shown.setTime(utc(denial.time()));
      shown.setCode(denial.code());
      shown.setAction(denial.action());
      shown.setCaller(denial.caller());
      if (denial.chain().size() > 1) {
        shown.setChain(denial.chain());
      }
      shown.setReceipt(denial.receipt());
      denials.add(shown);
    }
    return denials;
  }

  private static Log log(LogPosition position) {
    Log log = new Log();
    log.setTreeSize(position.treeSize());
    log.setRootHash(position.rootHash());
    log.setIndex(position.index());
    return log;
  }

  private static ZonedDateTime utc(Instant instant) {
    return instant.truncatedTo(ChronoUnit.SECONDS).atZone(ZoneOffset.UTC);
  }
}

package dev.writ.operator.reconcile;

import com.fasterxml.jackson.databind.JsonNode;
import dev.writ.contract.SpiffeId;
import dev.writ.operator.capability.Acceptance;
import dev.writ.operator.capability.CapabilityReader;
import dev.writ.operator.capability.Enforcement;
import dev.writ.operator.capability.Resolution;
import dev.writ.operator.capability.Terms;
import dev.writ.operator.capability.Usage;
import dev.writ.operator.capability.Verdict;
import dev.writ.operator.cluster.ClusterView;
import dev.writ.operator.cluster.InjectedPod;
import dev.writ.operator.control.EventHub;
import dev.writ.operator.issue.PodStates;
import dev.writ.operator.issue.Program;
import dev.writ.operator.issue.Programs;
import dev.writ.operator.records.Tally;
import dev.writ.operator.revoke.RevocationRegister;
import dev.writ.operator.revoke.RevocationState;
import dev.writ.operator.revoke.RevocationStore.StaleVersionException;
import dev.writ.operator.revoke.SignedList;
import java.time.Clock;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Makes capabilities so: what the issuer may mint, what is revoked, who has to enrol again. Calls
 * for one capability must not overlap; calls for different ones may.
 */
public final class CapabilityDesk {
  private final CapabilityReader reader;
  private final ClusterView cluster;
  private final Programs programs;
  private final PodStates pods;
  private final Tally tally;
  private final RevocationRegister register;
  private final EventHub hub;
  private final Clock clock;

  /** The parts a desk works with. */
  public record Parts(
      CapabilityReader reader,
      ClusterView cluster,
      Programs programs,
      PodStates pods,
      Tally tally,
      RevocationRegister register,
      EventHub hub,
      Clock clock) {}

  /** A capability as it stands in the cluster. */
  public record Application(Terms.Subject subject, JsonNode spec) {}

  /**
   * What follows for one capability, and what its status shows.
   *
   * @param terms empty if the spec was refused
   */
  record Assessment(Optional<Terms> terms, Verdict verdict, Usage usage, Enforcement enforcement) {}

  private record Decision(
      Optional<Terms> terms, Resolution resolution, Usage usage, Verdict verdict) {}

  /** Keeps no state of its own. */
  public CapabilityDesk(Parts parts) {
    reader = parts.reader;
    cluster = parts.cluster;
    programs = parts.programs;
    pods = parts.pods;
    tally = parts.tally;
    register = parts.register;
    hub = parts.hub;
    clock = parts.clock;
  }

  /**
   * Takes in all capabilities at once, before anything is served: one stored state and one list for
   * all of them.
   */
  public void open(List<Application> all) throws StaleVersionException {
    long now = now();
    Set<String> existing = new HashSet<>();
    all.forEach(application -> existing.add(application.subject().cid()));
    List<Decision> decisions = all.stream().map(application -> decide(application, now)).toList();
    Optional<SignedList> list =
        register.apply(
            before -> {
              RevocationState state = before.only(existing, now);
              for (int i = 0; i < all.size(); i++) {
                state = observe(state, all.get(i).subject(), decisions.get(i), now);
              }
              return state.expire(now);
            },
            true);
    long epoch = list.map(SignedList::epoch).orElse(0L);
    decisions.forEach(
        decision ->
            decision
                .terms()
                .ifPresent(
                    terms ->
                        programs.put(new Program(terms, decision.verdict().issuable(), epoch))));
  }

  /**
   * Makes one capability so.
   *
   * @param settled false while sidecars are expected to come back: what they confirmed before is
   *     then taken for confirmed
   */
  Assessment assess(Application application, boolean settled) throws StaleVersionException {
    long now = now();
    Terms.Subject subject = application.subject();
    programs.seen(subject.cid(), new Programs.Place(subject.namespace(), subject.name()));
    Optional<Program> before = programs.get(subject.cid());
    Decision decision = decide(application, now);
    boolean issuable = decision.verdict().issuable();
    boolean changed = changed(before, decision);
    // Withdrawn before it is revoked: whatever is minted meanwhile is of terms that the list still
    // covers.
    decision
        .terms()
        .ifPresentOrElse(
            terms ->
                programs.put(
                    new Program(
                        terms, issuable, before.map(Program::epoch).orElse(Long.MAX_VALUE))),
            () -> programs.withdraw(subject.cid()));
    Optional<SignedList> list =
        register.apply(state -> observe(state, subject, decision, now), changed);
    list.ifPresent(
        out ->
            decision
                .terms()
                .ifPresent(terms -> programs.put(new Program(terms, issuable, out.epoch()))));
    if (changed) {
      long epoch = list.map(SignedList::epoch).orElseThrow();
      before.ifPresent(program -> refresh(program.terms().source(), epoch));
      decision.terms().ifPresent(terms -> refresh(terms.source(), epoch));
    }
    return conclude(subject.cid(), decision, settled, now);
  }

  /** The capability is deleted: when this returns, the list that names it is out. */
  void gone(String cid) throws StaleVersionException {
    Optional<Program> program = programs.get(cid);
    programs.remove(cid);
    Optional<SignedList> list = register.apply(state -> state.gone(cid, now()), false);
    tally.forget(cid);
    program.ifPresent(old -> list.ifPresent(out -> refresh(old.terms().source(), out.epoch())));
  }

  private Decision decide(Application application, long now) {
    Usage usage = tally.usage(application.subject().cid());
    return switch (reader.read(application.subject(), application.spec())) {
      case Acceptance.Refused refused ->
          new Decision(
              Optional.empty(),
              new Resolution.Unresolved(refused.reason(), refused.message()),
              usage,
              Verdict.of(refused));
      case Acceptance.Accepted accepted -> {
        Resolution resolution = cluster.resolve(accepted.terms());
        Enforcement nobodyYet = new Enforcement(0, targets(resolution).size(), 0);
        yield new Decision(
            Optional.of(accepted.terms()),
            resolution,
            usage,
            Verdict.of(accepted.terms(), resolution, nobodyYet, usage, now));
      }
    };
  }

  private Assessment conclude(String cid, Decision decision, boolean settled, long now) {
    Optional<Program> program = programs.get(cid);
    if (decision.terms().isEmpty() || program.isEmpty()) {
      return new Assessment(
          Optional.empty(), decision.verdict(), decision.usage(), new Enforcement(0, 0, 0));
    }
    Terms terms = decision.terms().get();
    Set<String> targets = targets(decision.resolution());
    long confirmed =
        targets.stream()
            .filter(pod -> pods.confirms(pod, terms.target().toString(), program.get().epoch()))
            .count();
    Enforcement enforcement =
        new Enforcement(
            settled ? (int) confirmed : targets.size(), targets.size(), pods.holders(cid, now));
    return new Assessment(
        Optional.of(terms),
        Verdict.of(terms, decision.resolution(), enforcement, decision.usage(), now),
        decision.usage(),
        enforcement);
  }

  private static boolean changed(Optional<Program> before, Decision decision) {
    if (before.isEmpty() || decision.terms().isEmpty()) {
      return before.isPresent() || decision.terms().isPresent();
    }
    return before.get().terms().subject().generation()
            != decision.terms().get().subject().generation()
        || before.get().issuable() != decision.verdict().issuable();
  }

  /**
   * A spec that was refused from the start never had a contract: naming it would only make the list
   * longer.
   */
  private static RevocationState observe(
      RevocationState state, Terms.Subject subject, Decision decision, long now) {
    return decision.terms().isEmpty() && !state.known().containsKey(subject.cid())
        ? state
        : state.observe(subject.cid(), subject.generation(), decision.verdict().revoked(), now);
  }

  private static Set<String> targets(Resolution resolution) {
    return switch (resolution) {
      case Resolution.Resolved resolved -> resolved.pods();
      case Resolution.Unresolved _ -> Set.of();
    };
  }

  private void refresh(SpiffeId source, long epoch) {
    for (InjectedPod pod : cluster.podsOf(source)) {
      pods.due(pod.uid(), epoch);
      hub.refresh(pod.uid(), epoch);
    }
  }

  private long now() {
    return clock.instant().getEpochSecond();
  }
}

package dev.writ.operator.reconcile;

import com.fasterxml.jackson.databind.JsonNode;
import dev.writ.contract.SpiffeId;
import dev.writ.operator.capability.Acceptance;
import dev.writ.operator.capability.CallTotals;
import dev.writ.operator.capability.CapabilityReader;
import dev.writ.operator.capability.Enforcement;
import dev.writ.operator.capability.Reason;
import dev.writ.operator.capability.Resolution;
import dev.writ.operator.capability.Terms;
import dev.writ.operator.capability.Usage;
import dev.writ.operator.capability.Verdict;
import dev.writ.operator.cluster.ClusterView;
import dev.writ.operator.cluster.InjectedPod;
import dev.writ.operator.control.EventHub;
import dev.writ.operator.counting.Ledgers;
import dev.writ.operator.issue.PodStates;
import dev.writ.operator.issue.Program;
import dev.writ.operator.issue.Programs;
import dev.writ.operator.records.LogPosition;
import dev.writ.operator.records.Tally;
import dev.writ.operator.revoke.RevocationRegister;
import dev.writ.operator.revoke.RevocationState;
import dev.writ.operator.revoke.RevocationStore.StaleVersionException;
import dev.writ.operator.revoke.SignedList;
import java.time.Clock;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Makes capabilities so: what the issuer may mint, what is revoked, who has to enrol again. Calls
 * for one capability must not overlap; calls for different ones may.
 */
public final class CapabilityDesk {
  /** No gate ever applied this: the change was not published, or its publishing failed. */
  private static final long UNPUBLISHED = Long.MAX_VALUE;

  private static final int STRIPES = 64;

  private final CapabilityReader reader;
  private final ClusterView cluster;
  private final Programs programs;
  private final PodStates pods;
  private final Tally tally;
  private final Ledgers ledgers;
  private final RevocationRegister register;
  private final EventHub hub;
  private final Clock clock;
  private final Map<String, Long> generations = new ConcurrentHashMap<>();
  private final Object[] stripes = Stream.generate(Object::new).limit(STRIPES).toArray();

  /** The parts a desk works with. */
  public record Parts(
      CapabilityReader reader,
      ClusterView cluster,
      Programs programs,
      PodStates pods,
      Tally tally,
      Ledgers ledgers,
      RevocationRegister register,
      EventHub hub,
      Clock clock) {}

  /**
   * A capability as it stands in the cluster.
   *
   * @param accepted what an administrator wrote to accept the log's totals, null for nothing
   */
  public record Application(Terms.Subject subject, JsonNode spec, @Nullable String accepted) {}

  /**
   * What follows for one capability, and what its status shows.
   *
   * @param terms empty if the spec was refused
   * @param log where its newest record can be checked, empty before the first
   */
  record Assessment(
      Optional<Terms> terms,
      Verdict verdict,
      Usage usage,
      CallTotals calls,
      Enforcement enforcement,
      Optional<LogPosition> log) {
    /** The same, with that many holders. */
    Assessment heldBy(int holders) {
      return new Assessment(
          terms,
          verdict,
          usage,
          calls,
          new Enforcement(enforcement.ready(), enforcement.total(), holders),
          log);
    }

    /** The same, but something that it names can't be used. */
    Assessment unresolved(Reason reason, String message) {
      return new Assessment(
          terms, verdict.unresolved(reason, message), usage, calls, enforcement, log);
    }
  }

  private record Decision(
      Optional<Terms> terms, Resolution resolution, CallTotals calls, Verdict verdict) {}

  /** Remembers only which generations it made so. */
  public CapabilityDesk(Parts parts) {
    reader = parts.reader;
    cluster = parts.cluster;
    programs = parts.programs;
    pods = parts.pods;
    tally = parts.tally;
    ledgers = parts.ledgers;
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
    all.forEach(known -> generations.put(known.subject().cid(), known.subject().generation()));
    decisions.forEach(
        decision ->
            decision
                .terms()
                .ifPresent(
                    terms ->
                        programs.put(new Program(terms, decision.verdict().issuable(), epoch))));
  }

  /**
   * Makes one capability so. On failure nothing was published, and the next call starts over.
   *
   * @param settled false while sidecars are expected to come back: what they confirmed before is
   *     then taken for confirmed
   */
  Assessment assess(Application application, boolean settled) throws StaleVersionException {
    String cid = application.subject().cid();
    synchronized (stripe(cid)) {
      Terms.Subject subject = application.subject();
      programs.seen(cid, new Programs.Place(subject.namespace(), subject.name()));
      Optional<Program> before = programs.get(cid);
      long now = now();
      Decision decision = decide(application, now);
      boolean changed = changed(before, decision);
      if (changed) {
        program(cid, decision, UNPUBLISHED);
      }
      Optional<SignedList> list =
          register.apply(state -> observe(state, subject, decision, now), changed);
      list.ifPresent(out -> program(cid, decision, out.epoch()));
      if (changed) {
        long epoch = list.map(SignedList::epoch).orElseThrow();
        before.ifPresent(program -> refresh(program.terms().source(), epoch));
        decision.terms().ifPresent(terms -> refresh(terms.source(), epoch));
      }
      // Last: a ledger that cannot be written must not keep a revocation from being out. Until it
      // is
      // written it grants by the limit that it holds.
      decision.terms().ifPresent(terms -> ledgers.programmed(terms, application.accepted()));
      generations.put(cid, subject.generation());
      return conclude(cid, decision, settled, now);
    }
  }

  /** The capability is deleted: when this returns, the list that names it is out. */
  void gone(String cid) throws StaleVersionException {
    synchronized (stripe(cid)) {
      Optional<Program> program = programs.get(cid);
      programs.withdraw(cid);
      Optional<SignedList> list = register.apply(state -> state.gone(cid, now()), false);
      programs.remove(cid);
      generations.remove(cid);
      tally.forget(cid);
      ledgers.gone(cid);
      program.ifPresent(old -> list.ifPresent(out -> refresh(old.terms().source(), out.epoch())));
    }
  }

  /** The generation that was made so last, -1 for none. */
  long generation(String cid) {
    return generations.getOrDefault(cid, -1L);
  }

  /**
   * Stands before the list is changed: whatever is minted meanwhile is of terms that the list
   * covers.
   */
  private void program(String cid, Decision decision, long epoch) {
    decision
        .terms()
        .ifPresentOrElse(
            terms -> programs.put(new Program(terms, decision.verdict().issuable(), epoch)),
            () -> programs.withdraw(cid));
  }

  private Object stripe(String cid) {
    return stripes[Math.floorMod(cid.hashCode(), stripes.length)];
  }

  private Decision decide(Application application, long now) {
    CallTotals calls = ledgers.totals(application.subject().cid());
    return switch (reader.read(application.subject(), application.spec())) {
      case Acceptance.Refused refused ->
          new Decision(
              Optional.empty(),
              new Resolution.Unresolved(refused.reason(), refused.message()),
              calls,
              Verdict.of(refused));
      case Acceptance.Accepted accepted -> {
        Resolution resolution = cluster.resolve(accepted.terms());
        Enforcement nobodyYet = new Enforcement(0, targets(resolution).size(), 0);
        yield new Decision(
            Optional.of(accepted.terms()),
            resolution,
            calls,
            Verdict.of(accepted.terms(), resolution, nobodyYet, calls, now));
      }
    };
  }

  private Assessment conclude(String cid, Decision decision, boolean settled, long now) {
    Optional<Program> program = programs.get(cid);
    if (decision.terms().isEmpty() || program.isEmpty()) {
      return new Assessment(
          Optional.empty(),
          decision.verdict(),
          tally.usage(cid),
          decision.calls(),
          new Enforcement(0, 0, 0),
          tally.position(cid));
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
        Verdict.of(terms, decision.resolution(), enforcement, decision.calls(), now),
        tally.usage(cid),
        decision.calls(),
        enforcement,
        tally.position(cid));
  }

  private static boolean changed(Optional<Program> before, Decision decision) {
    if (before.isEmpty() || decision.terms().isEmpty()) {
      return before.isPresent() || decision.terms().isPresent();
    }
    return before.get().epoch() == UNPUBLISHED
        || before.get().terms().subject().generation()
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

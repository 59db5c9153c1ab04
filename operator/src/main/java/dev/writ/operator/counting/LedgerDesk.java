package dev.writ.operator.counting;

import dev.writ.contract.quota.AllowanceAnswer;
import dev.writ.contract.quota.AllowanceRequest;
import dev.writ.contract.quota.AllowanceRequest.Settled;
import dev.writ.contract.quota.CounterPath;
import dev.writ.operator.capability.CallTotals;
import dev.writ.operator.capability.Terms;
import dev.writ.operator.cluster.InjectedPod;
import dev.writ.operator.counting.NotServedException.Cause;
import dev.writ.operator.issue.Program;
import dev.writ.operator.issue.Programs;
import dev.writ.operator.issue.Programs.Place;
import dev.writ.operator.ledger.Ask;
import dev.writ.operator.ledger.Ledger;
import dev.writ.operator.ledger.RootLimit;
import dev.writ.operator.ledger.Step;
import java.time.Clock;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Serves gates, the reconciler and the sweep from the ledgers. Thread-safe; calls block on the API
 * server and the log. (quota.md)
 */
public final class LedgerDesk implements Ledgers {
  private static final Logger LOG = LoggerFactory.getLogger(LedgerDesk.class);

  private final Parts parts;
  private final Accounts accounts;

  /**
   * What a desk works with.
   *
   * @param leader unique for each start of an operator
   * @param recall tells a pod, by its UID, to give back what it has not spent under a cid
   * @param changed hears the cid of each capability whose totals changed; must not block
   * @param refused hears why a ledger could not serve a request
   */
  public record Parts(
      LedgerStore store,
      ChangeLog log,
      Programs programs,
      Gates gates,
      Clock clock,
      String leader,
      BiConsumer<String, String> recall,
      Consumer<String> changed,
      Consumer<String> refused) {}

  /** Takes in all ledgers there are. */
  public LedgerDesk(Parts parts) {
    this.parts = parts;
    this.accounts =
        new Accounts(
            parts.store,
            parts.log,
            parts.leader,
            (account, news) -> {
              if (news) {
                parts.changed.accept(account.cid);
              }
            });
    accounts.open();
  }

  /**
   * Answers a gate. What could not be served is left out of the answer.
   *
   * @param pod that proved who it is
   * @throws BootClosedException the boot must not count any more
   * @throws UnavailableException nothing at all could be served
   */
  public AllowanceAnswer serve(InjectedPod pod, AllowanceRequest request)
      throws BootClosedException, UnavailableException {
    Set<String> roots = new TreeSet<>();
    request.items().forEach(item -> roots.add(CounterPath.root(item.path())));
    request.rates().forEach(rate -> roots.add(CounterPath.root(rate.path())));
    roots.addAll(settling(pod, request));
    List<AllowanceAnswer.Item> items = new ArrayList<>();
    List<AllowanceAnswer.Rate> rates = new ArrayList<>();
    Set<String> unsettled = new HashSet<>();
    String refusal = null;
    int served = 0;
    for (String root : roots) {
      Ask ask = ask(pod, root, request);
      try {
        Optional<Step.Reply> reply = ask(root, pod, ask);
        reply.ifPresent(
            said -> {
              items.addAll(said.items());
              rates.addAll(said.rates());
            });
        served++;
        ask.settled().stream()
            .map(Settled::boot)
            .filter(boot -> reply.isPresent() && !reply.get().closed().contains(boot))
            .forEach(unsettled::add);
      } catch (NotServedException e) {
        refusal = e.getMessage();
        refused(root, e);
        ask.settled().forEach(settled -> unsettled.add(settled.boot()));
      }
    }
    // Whoever is lost must be lost in every ledger: it is said again.
    boolean losing = request.closing() != null && request.closing().known() != null;
    if (refusal != null && (served == 0 || losing)) {
      throw new UnavailableException(refusal);
    }
    return new AllowanceAnswer(items, rates, closed(request, unsettled));
  }

  /** Nothing could be served. */
  public static final class UnavailableException extends Exception {
    private static final long serialVersionUID = 1L;

    UnavailableException(String message) {
      super(message);
    }
  }

  private static List<String> closed(AllowanceRequest request, Set<String> unsettled) {
    return request.closing() == null
        ? List.of()
        : request.closing().settled().stream()
            .map(Settled::boot)
            .filter(boot -> !unsettled.contains(boot))
            .toList();
  }

  /** Ledgers that a closing is about: those it names, and those where a boot of the pod is open. */
  private Set<String> settling(InjectedPod pod, AllowanceRequest request) {
    AllowanceRequest.Closing closing = request.closing();
    if (closing == null) {
      return Set.of();
    }
    Set<String> roots = new TreeSet<>();
    Set<String> boots = new HashSet<>();
    for (Settled settled : closing.settled()) {
      boots.add(settled.boot());
      settled.counters().forEach(counter -> roots.add(CounterPath.root(counter.name().path())));
    }
    for (Account account : accounts.all()) {
      for (String open : account.openLocked(pod.uid())) {
        boolean lost = closing.known() != null && !closing.known().contains(open);
        if (boots.contains(open) || (lost && !open.equals(request.boot()))) {
          roots.add(account.cid);
        }
      }
    }
    return roots;
  }

  /** The part of a request that is about one root. */
  private Ask ask(InjectedPod pod, String root, AllowanceRequest request) {
    Optional<Terms> terms = parts.programs.get(root).map(Program::terms);
    // A pod that does not stand before the target may give back and settle, and is granted nothing.
    boolean guards = terms.filter(known -> parts.gates.guards(pod, known)).isPresent();
    List<AllowanceRequest.Item> items =
        request.items().stream()
            .filter(item -> CounterPath.root(item.path()).equals(root))
            .map(item -> guards ? item : withoutWish(item))
            .toList();
    List<AllowanceRequest.Rate> rates =
        request.rates().stream()
            .filter(rate -> guards && CounterPath.root(rate.path()).equals(root))
            .toList();
    AllowanceRequest.Closing closing = request.closing();
    List<Settled> settled =
        closing == null
            ? List.of()
            : closing.settled().stream()
                .map(one -> under(root, one))
                .filter(one -> !one.counters().isEmpty() || isOpen(root, pod, one.boot()))
                .toList();
    List<String> known = closing == null ? null : closing.known();
    return new Ask(
        request.boot(),
        pod.uid(),
        terms.map(parts.gates::replicas).orElse(1),
        items,
        rates,
        settled,
        known == null ? null : Set.copyOf(known));
  }

  private boolean isOpen(String root, InjectedPod pod, String boot) {
    Account account = accounts.find(root);
    return account != null && account.openLocked(pod.uid()).contains(boot);
  }

  private static AllowanceRequest.Item withoutWish(AllowanceRequest.Item item) {
    return new AllowanceRequest.Item(
        item.path(), item.limit(), 0, item.returned(), item.spent(), item.leaf());
  }

  private static Settled under(String root, Settled settled) {
    return new Settled(
        settled.boot(),
        settled.counters().stream()
            .filter(counter -> CounterPath.root(counter.name().path()).equals(root))
            .toList());
  }

  /** Empty: there is no such capability, so nothing can be counted or settled. */
  private Optional<Step.Reply> ask(String root, InjectedPod pod, Ask ask)
      throws NotServedException, BootClosedException {
    Account known = accounts.find(root);
    Optional<Place> place = known == null ? parts.programs.place(root) : Optional.of(known.place);
    if (place.isEmpty()) {
      return Optional.empty();
    }
    RootLimit limit =
        parts.programs.get(root).map(program -> limit(program.terms())).orElse(NO_LIMIT);
    Account account = accounts.of(root, place.get());
    Step.Reply reply =
        accounts.run(
            account,
            (of, anchor, entry) ->
                Ledger.ask(anchor, entry, limit, of.windows, parts.clock.millis(), ask));
    reply.recall().stream()
        .filter(uid -> !uid.equals(pod.uid()))
        .forEach(uid -> parts.recall.accept(uid, root));
    return Optional.of(reply);
  }

  /** Of a capability that is not accepted: its ledger keeps the limit that it has. */
  private static final RootLimit NO_LIMIT = new RootLimit(1, null);

  private static RootLimit limit(Terms terms) {
    return new RootLimit(terms.subject().generation(), terms.limits().calls());
  }

  private void refused(String root, NotServedException e) {
    parts.refused.accept(e.reason().word());
    if (e.reason() != Cause.BEHIND) {
      LOG.atWarn()
          .addKeyValue("ledger", root)
          .addKeyValue("cause", e.getMessage())
          .log("couldn't serve a gate from a ledger");
    }
  }

  @Override
  public CallTotals totals(String cid) {
    Account account = accounts.find(cid);
    return account == null ? CallTotals.NONE : account.totals();
  }

  @Override
  public void programmed(Terms terms, @Nullable String accepted) {
    Terms.Subject subject = terms.subject();
    if (accounts.find(subject.cid()) == null && terms.limits().calls() == null) {
      return;
    }
    Account account = accounts.of(subject.cid(), new Place(subject.namespace(), subject.name()));
    boolean accepts = accepted != null && accepted.equals(account.behind());
    try {
      Step.Reply reply =
          accounts.run(
              account,
              (of, anchor, entry) ->
                  accepts && of.behind() != null
                      ? Ledger.accept(anchor, entry)
                      : Ledger.limit(anchor, entry, limit(terms)));
      reply.recall().forEach(uid -> parts.recall.accept(uid, subject.cid()));
    } catch (NotServedException e) {
      parts.refused.accept(e.reason().word());
      if (e.reason() != Cause.BEHIND) {
        throw new IllegalStateException(String.valueOf(e.getMessage()), e);
      }
    } catch (BootClosedException e) {
      throw new IllegalStateException("an edit is about no boot", e);
    }
  }

  @Override
  public void gone(String cid) {
    accounts.remove(cid);
  }

  /**
   * Settles what pods held that are gone, by UID.
   *
   * @param present asked after it is known which pods have rows: the UIDs of all pods that exist in
   *     a namespace, from the API server and not from memory
   */
  public void sweep(Present present) {
    Map<String, List<Account>> byNamespace = new LinkedHashMap<>();
    for (Account account : accounts.all()) {
      byNamespace.computeIfAbsent(account.place.namespace(), _ -> new ArrayList<>()).add(account);
    }
    byNamespace.forEach((namespace, some) -> sweep(namespace, some, present));
  }

  /** Which pods exist. */
  @FunctionalInterface
  public interface Present {
    Set<String> uids(String namespace);
  }

  private void sweep(String namespace, List<Account> some, Present present) {
    Map<Account, Set<String>> rows = new LinkedHashMap<>();
    for (Account account : some) {
      account.lock.lock();
      try {
        rows.put(account, account.podUids());
      } finally {
        account.lock.unlock();
      }
    }
    if (rows.values().stream().allMatch(Set::isEmpty)) {
      return;
    }
    Set<String> exist = present.uids(namespace);
    rows.forEach(
        (account, uids) -> {
          uids.removeAll(exist);
          if (!uids.isEmpty()) {
            sweep(account, uids);
          }
        });
  }

  private void sweep(Account account, Set<String> gone) {
    try {
      accounts.run(account, (_, anchor, entry) -> Ledger.sweep(anchor, entry, gone));
    } catch (NotServedException e) {
      refused(account.cid, e);
    } catch (BootClosedException e) {
      throw new IllegalStateException("a sweep asks for no boot", e);
    }
  }

  /** How many ledgers are behind their log. */
  public long behind() {
    return accounts.all().stream().filter(account -> account.totals().behind() != null).count();
  }
}

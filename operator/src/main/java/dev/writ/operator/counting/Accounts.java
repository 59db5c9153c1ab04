package dev.writ.operator.counting;

import dev.writ.operator.counting.LedgerStore.ConflictException;
import dev.writ.operator.counting.LedgerStore.Stored;
import dev.writ.operator.counting.NotServedException.Cause;
import dev.writ.operator.issue.Programs.Place;
import dev.writ.operator.ledger.Anchor;
import dev.writ.operator.ledger.LedgerChange;
import dev.writ.operator.ledger.LedgerState;
import dev.writ.operator.ledger.Step;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.io.IOException;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Carries out what {@link dev.writ.operator.ledger.Ledger} decides, in the order that is the
 * safety: compare-and-swap, log, answer. One decision at a time for each ledger. Thread-safe.
 * (quota.md, Order)
 */
final class Accounts {
  private static final Logger LOG = LoggerFactory.getLogger(Accounts.class);

  /** A conflict means that another operator writes: one of the two gives way soon. */
  private static final int ATTEMPTS = 8;

  private final LedgerStore store;
  private final ChangeLog log;
  private final String leader;
  private final Map<String, Account> accounts = new ConcurrentHashMap<>();

  /** Decides about one ledger; pure. */
  @FunctionalInterface
  interface Decider {
    Step decide(Account account, Anchor anchor, LedgerState entry);
  }

  /** Hears what came of a decision, before the next one is made about this ledger. */
  @FunctionalInterface
  interface Outcome {
    void done(Account account, boolean news);
  }

  private final Outcome outcome;

  Accounts(LedgerStore store, ChangeLog log, String leader, Outcome outcome) {
    this.store = store;
    this.log = log;
    this.leader = leader;
    this.outcome = outcome;
  }

  /** Takes in all ledgers there are. */
  void open() {
    for (Stored stored : store.all()) {
      Account account = of(stored.cid(), stored.place());
      account.lock.lock();
      try {
        account.stored = stored;
        account.well();
      } finally {
        account.lock.unlock();
      }
    }
  }

  Account of(String cid, Place place) {
    return accounts.computeIfAbsent(cid, _ -> new Account(cid, place, leader));
  }

  @Nullable Account find(String cid) {
    return accounts.get(cid);
  }

  Collection<Account> all() {
    return List.copyOf(accounts.values());
  }

  /** The capability is gone. */
  void remove(String cid) {
    Account account = accounts.remove(cid);
    if (account != null) {
      account.lock.lock();
      try {
        store.delete(cid, account.place);
      } finally {
        account.lock.unlock();
      }
    }
    // What the log says of it is kept: a restored etcd may bring it back under the same UID.
  }

  /** Decides and carries out. */
  Step.Reply run(Account account, Decider decider) throws NotServedException, BootClosedException {
    account.lock.lock();
    try {
      for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
        Step.Reply reply = attempt(account, decider);
        if (reply != null) {
          outcome.done(account, account.well());
          return reply;
        }
      }
      throw new NotServedException(
          Cause.CONTENTION, "the CallLedger was changed by others " + ATTEMPTS + " times");
    } catch (KubernetesClientException e) {
      account.stored = null;
      throw new NotServedException(
          Cause.API_SERVER, "couldn't read or write the CallLedger: " + e.getMessage(), e);
    } catch (IOException e) {
      // The entry is ahead of the log now: the next decision is to append first.
      throw new NotServedException(Cause.LOG, "couldn't log a grant: " + e.getMessage(), e);
    } finally {
      account.lock.unlock();
    }
  }

  /** Null: the ledger is another one now, decide again. */
  private Step.@Nullable Reply attempt(Account account, Decider decider)
      throws NotServedException, BootClosedException, IOException {
    boolean remembered = account.stored != null;
    if (!remembered) {
      account.stored = store.load(account.cid, account.place).orElse(null);
    }
    Anchor anchor = new Anchor(log.logged(account.cid), account.claimed);
    // One that was deleted, or made and not written yet, is made again from the log's totals, and
    // from nothing else.
    LedgerState entry = account.isEmpty() ? anchor.logged() : account.state();
    return switch (decider.decide(account, anchor, entry)) {
      case Step.Write write -> write(account, write) ? write.reply() : null;
      case Step.Unchanged unchanged -> {
        account.heard = unchanged.heard();
        yield unchanged.reply();
      }
      case Step.Append append -> {
        log.append(append.change());
        yield null;
      }
      case Step.Behind behind -> {
        if (remembered) {
          // Perhaps only what is remembered is: another operator wrote and logged since.
          account.stored = null;
          yield null;
        }
        throw behind(account, anchor, behind);
      }
      case Step.Closed closed -> throw new BootClosedException(closed.why());
    };
  }

  private NotServedException behind(Account account, Anchor anchor, Step.Behind behind) {
    boolean first = account.behind() == null;
    account.claimed = behind.anchor().claimed();
    account.behind(anchor.logged());
    if (first) {
      LOG.atError()
          .addKeyValue("ledger", account.place)
          .addKeyValue("cause", behind.why())
          .addKeyValue("accept", account.behind())
          .log("a ledger is behind its log: nothing is granted");
      outcome.done(account, true);
    }
    // The next look reads it again: it may have been put right.
    account.stored = null;
    return new NotServedException(Cause.BEHIND, behind.why());
  }

  private boolean write(Account account, Step.Write write) throws IOException {
    try {
      Stored before = account.stored;
      if (before == null) {
        before = store.create(account.cid, account.place);
      }
      account.stored = store.save(before, write.next());
    } catch (ConflictException e) {
      account.stored = null;
      return false;
    }
    account.heard = LedgerState.EMPTY;
    // Written from a ledger that is well, or accepted: what gates claimed is in it now.
    account.claimed = Map.of();
    LedgerChange change = write.change();
    if (change != null) {
      log.append(change);
    }
    return true;
  }
}

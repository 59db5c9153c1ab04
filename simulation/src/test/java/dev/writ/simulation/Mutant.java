package dev.writ.simulation;

import dev.writ.contract.quota.AllowanceAnswer;
import dev.writ.contract.quota.AllowanceRequest;
import dev.writ.contract.quota.AllowanceRequest.Counter;
import dev.writ.contract.quota.AllowanceRequest.Item;
import dev.writ.contract.quota.AllowanceRequest.Settled;
import dev.writ.contract.quota.CounterName;
import dev.writ.operator.ledger.Anchor;
import dev.writ.operator.ledger.Ask;
import dev.writ.operator.ledger.BootTotals;
import dev.writ.operator.ledger.Ledger;
import dev.writ.operator.ledger.LedgerChange;
import dev.writ.operator.ledger.LedgerState;
import dev.writ.operator.ledger.PathEntry;
import dev.writ.operator.ledger.RateClaim;
import dev.writ.operator.ledger.RateWindows;
import dev.writ.operator.ledger.RootLimit;
import dev.writ.operator.ledger.Step;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.ToLongFunction;
import org.jspecify.annotations.Nullable;

/** The mistakes that a leader makes; with {@link Bug#NONE} everything passes through unchanged. */
final class Mutant {
  private final World world;
  private final Map<String, Long> heardAt = new HashMap<>();
  private boolean checkedAtStart;

  Mutant(World world) {
    this.world = world;
  }

  boolean is(Bug bug) {
    return world.bug() == bug;
  }

  void started(@Nullable LedgerState entry) {
    Anchor log = world.store().readLog();
    LedgerState now = entry == null ? LedgerState.EMPTY : entry;
    checkedAtStart = log.standing(now) != Anchor.Standing.BEHIND;
  }

  boolean ignoresLog() {
    return is(Bug.NO_LOG_ANCHOR) || (is(Bug.ANCHOR_CHECKED_AT_START_ONLY) && checkedAtStart);
  }

  Anchor anchor(Anchor anchor, LedgerState entry, RootLimit capability) {
    if (ignoresLog() || is(Bug.LIMIT_FROM_STALE_CACHE) || is(Bug.LIMIT_WRITE_IGNORES_GENERATION)) {
      return new Anchor(entry(entry, capability), anchor.claimed());
    }
    return anchor;
  }

  LedgerState entry(LedgerState entry, RootLimit capability) {
    if (is(Bug.LIMIT_FROM_STALE_CACHE)) {
      List<PathEntry> entries = new ArrayList<>();
      for (PathEntry at : entry.entries()) {
        entries.add(
            new PathEntry(
                at.path(),
                at.generation(),
                at.path().contains("/") ? at.limit() : capability.calls(),
                at.used(),
                at.stranded(),
                at.boots()));
      }
      return new LedgerState(entry.previous(), entries, entry.claims());
    }
    if (is(Bug.RATE_FROM_MEMORY)) {
      return new LedgerState(entry.previous(), entry.entries(), List.<RateClaim>of());
    }
    return entry;
  }

  RootLimit root(RootLimit capability, LedgerState entry) {
    PathEntry root = entry.entry(World.ROOT);
    return is(Bug.LIMIT_WRITE_IGNORES_GENERATION)
            && root != null
            && root.limit() != capability.calls()
        ? new RootLimit(root.generation() + 1, capability.calls())
        : capability;
  }

  Ask ask(Ask ask, Message.Request request, LedgerState entry) {
    heardAt.put(ask.boot(), world.time().now());
    List<Item> items = ask.items();
    List<Settled> settled = new ArrayList<>(ask.settled());
    if (is(Bug.RETURN_AS_INCREMENT_TWICE)) {
      items = new ArrayList<>();
      for (Item item : ask.items()) {
        long had = row(entry, item.path(), ask.boot(), BootTotals::returned);
        long returned = had + request.given().getOrDefault(item.path(), 0L);
        // No more than the ledger can believe, which would otherwise freeze.
        long left = row(entry, item.path(), ask.boot(), BootTotals::granted) - returned;
        long spent = Math.max(0, Math.min(item.spent(), left));
        items.add(new Item(item.path(), item.limit(), item.need(), returned, spent, item.leaf()));
      }
    }
    if (is(Bug.REFUND_ON_TIMEOUT)) {
      for (PathEntry at : entry.entries()) {
        for (BootTotals row : at.boots()) {
          long since = world.time().now() - heardAt.getOrDefault(row.boot(), 0L);
          boolean own = row.podUid().equals(ask.podUid()) && !row.boot().equals(ask.boot());
          if (own && !row.closed() && since > 1_000) {
            settled.add(lastTold(entry, row));
          }
        }
      }
    }
    return new Ask(
        ask.boot(), ask.podUid(), ask.replicas(), items, ask.rates(), settled, ask.known());
  }

  private static long row(
      LedgerState entry, String path, String boot, ToLongFunction<BootTotals> what) {
    PathEntry at = entry.entry(path);
    BootTotals row = at == null ? null : at.boot(boot);
    return row == null ? 0 : what.applyAsLong(row);
  }

  private static Settled lastTold(LedgerState entry, BootTotals row) {
    List<Counter> counters = new ArrayList<>();
    for (PathEntry at : entry.entries()) {
      BootTotals told = at.boot(row.boot());
      if (told != null) {
        boolean[] counts = new boolean[at.path().contains("/") ? 2 : 1];
        counts[counts.length - 1] = true;
        counters.add(new Counter(CounterName.of(at.path(), counts), told.spent()));
      }
    }
    return new Settled(row.boot(), counters);
  }

  Step sweep(Anchor anchor, LedgerState entry, Set<String> gone) {
    if (is(Bug.POD_GONE_LAST_REPORT)) {
      for (PathEntry at : entry.entries()) {
        for (BootTotals row : at.boots()) {
          if (!row.closed() && gone.contains(row.podUid())) {
            Ask settles =
                new Ask(
                    "ffffffffffffffff",
                    row.podUid(),
                    1,
                    List.of(),
                    List.of(),
                    List.of(lastTold(entry, row)),
                    null);
            RootLimit root = new RootLimit(0, null);
            return Ledger.ask(anchor, entry, root, new RateWindows("sweep"), 0, settles);
          }
        }
      }
    }
    return Ledger.sweep(anchor, entry, gone);
  }

  Step mutated(Step step, Anchor anchor, LedgerState entry, Message.@Nullable Request request) {
    return switch (step) {
      case Step.Append _ when is(Bug.NO_CATCH_UP_AFTER_CRASH) -> new Step.Behind(anchor, "ahead");
      case Step.Write write when is(Bug.SETTLED_ENTRY_FORGOTTEN) -> {
        LedgerState next = forget(write.next());
        yield new Step.Write(next, write.change(), write.reply());
      }
      case Step.Unchanged same when is(Bug.FORMULA_MAX1_AT_ZERO) && request != null ->
          oneMore(entry, same.heard(), same.reply(), request);
      case Step.Write write when is(Bug.FINAL_WHEN_REMAINING_IS_ZERO) ->
          new Step.Write(write.next(), write.change(), hasty(write.reply(), write.next()));
      case Step.Unchanged same when is(Bug.FINAL_WHEN_REMAINING_IS_ZERO) ->
          new Step.Unchanged(same.heard(), hasty(same.reply(), same.heard()));
      case Step.Write _, Step.Unchanged _, Step.Append _, Step.Behind _, Step.Closed _ -> step;
    };
  }

  private static LedgerState forget(LedgerState state) {
    List<PathEntry> entries = new ArrayList<>();
    for (PathEntry at : state.entries()) {
      List<BootTotals> open = new ArrayList<>(at.boots());
      open.removeIf(BootTotals::closed);
      entries.add(
          new PathEntry(at.path(), at.generation(), at.limit(), at.used(), at.stranded(), open));
    }
    return new LedgerState(state.previous(), entries, state.claims());
  }

  private static Step.Reply hasty(Step.Reply reply, LedgerState state) {
    List<AllowanceAnswer.Item> items = new ArrayList<>();
    for (AllowanceAnswer.Item item : reply.items()) {
      PathEntry at = state.entry(item.path());
      items.add(
          new AllowanceAnswer.Item(
              item.path(),
              item.granted(),
              at != null && at.remaining() <= 0,
              item.limit(),
              item.others()));
    }
    return new Step.Reply(items, reply.rates(), reply.closed(), reply.recall());
  }

  private Step oneMore(
      LedgerState before, LedgerState entry, Step.Reply reply, Message.Request request) {
    for (AllowanceRequest.Item item : request.message().items()) {
      PathEntry at = entry.entry(item.path());
      BootTotals row = at == null ? null : at.boot(request.message().boot());
      if (at == null || row == null || row.closed() || item.need() <= row.granted()) {
        continue;
      }
      BootTotals more =
          new BootTotals(
              row.boot(), row.podUid(), row.granted() + 1, row.returned(), row.spent(), 0, false);
      List<BootTotals> boots = new ArrayList<>(at.boots());
      boots.replaceAll(old -> old.boot().equals(row.boot()) ? more : old);
      PathEntry changed =
          new PathEntry(at.path(), at.generation(), at.limit(), at.used(), at.stranded(), boots);
      List<PathEntry> entries = new ArrayList<>(entry.entries());
      entries.replaceAll(old -> old.path().equals(at.path()) ? changed : old);
      LedgerState next = new LedgerState(before.fingerprint(), entries, entry.claims());
      List<AllowanceAnswer.Item> items = new ArrayList<>(reply.items());
      items.replaceAll(
          old ->
              old.path().equals(at.path())
                  ? new AllowanceAnswer.Item(
                      old.path(), more.granted(), false, old.limit(), old.others())
                  : old);
      LedgerChange.Part part =
          new LedgerChange.Part(
              at.path(),
              at.generation(),
              at.limit(),
              at.used(),
              changed.outstanding(),
              at.stranded(),
              more);
      return new Step.Write(
          next,
          new LedgerChange(List.of(part)),
          new Step.Reply(items, reply.rates(), reply.closed(), reply.recall()));
    }
    return new Step.Unchanged(entry, reply);
  }
}

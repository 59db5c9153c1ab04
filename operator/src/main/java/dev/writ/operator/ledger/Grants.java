package dev.writ.operator.ledger;

import dev.writ.contract.quota.AllowanceAnswer;
import dev.writ.contract.quota.AllowanceRequest.Item;
import dev.writ.contract.quota.CounterPath;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** What one request is granted: all blocks of a chain, or none of it. (quota.md, Totals) */
final class Grants {
  /**
   * Entries of one CallLedger, which must fit into one object of the API server. Further
   * delegations with a limit of their own are not counted, so not admitted; those that are there go
   * on.
   */
  static final int MOST_ENTRIES = 1_000;

  private final RootLimit root;
  private final Ask ask;
  private final Map<String, Item> items = new LinkedHashMap<>();
  private final Set<String> granted = new TreeSet<>();
  private final Set<String> lacking = new TreeSet<>();
  private LedgerState state;

  Grants(LedgerState state, RootLimit root, Ask ask) {
    this.state = state;
    this.root = root;
    this.ask = ask;
    ask.items().forEach(item -> items.put(item.path(), item));
  }

  /** Takes in what was told, then grants. */
  LedgerState apply() {
    for (Item item : items.values()) {
      PathEntry entry = entry(item);
      if (entry != null) {
        BootTotals row = entry.boot(ask.boot());
        state =
            state.with(row == null ? entry : entry.with(row.told(item.returned(), item.spent())));
      }
    }
    for (Item item : items.values()) {
      if (item.leaf()) {
        chain(item);
      }
    }
    for (String path : granted) {
      grant(items.get(path));
    }
    return state;
  }

  /** What every item has now; items of paths that cannot be counted are left out. */
  List<AllowanceAnswer.Item> answers() {
    List<AllowanceAnswer.Item> answers = new ArrayList<>(items.size());
    for (Item item : items.values()) {
      PathEntry entry = state.entry(item.path());
      if (entry != null) {
        BootTotals row = entry.boot(ask.boot());
        long own = row == null ? 0 : row.spent();
        answers.add(
            new AllowanceAnswer.Item(
                item.path(),
                row == null ? 0 : row.granted(),
                entry.exhausted(),
                entry.limit(),
                entry.knownUsed() - own));
      }
    }
    return answers;
  }

  /** Pods with unspent calls of a path of which this request got none. */
  Set<String> recall() {
    Set<String> pods = new TreeSet<>(Ledger.overdrawn(state));
    for (String path : lacking) {
      PathEntry entry = state.entry(path);
      for (BootTotals row : entry == null ? List.<BootTotals>of() : entry.boots()) {
        if (row.unspent() > 0 && !row.boot().equals(ask.boot())) {
          pods.add(row.podUid());
        }
      }
    }
    return pods;
  }

  /** The entry with the limit that holds for this item, null when the path cannot be counted. */
  private @Nullable PathEntry entry(Item item) {
    PathEntry entry = state.entry(item.path());
    if (entry == null && state.entries().size() >= MOST_ENTRIES) {
      return null;
    }
    if (CounterPath.isRoot(item.path())) {
      Long calls = root.calls();
      return entry != null || calls == null
          ? entry
          : new PathEntry(item.path(), root.generation(), calls, 0, 0, List.of());
    }
    if (entry == null) {
      return new PathEntry(item.path(), root.generation(), item.limit(), 0, 0, List.of());
    }
    return item.limit() < entry.limit() ? entry.withLimit(entry.generation(), item.limit()) : entry;
  }

  /** Marks the wishes of one chain, unless a block of it could not be had: then none. */
  private void chain(Item leaf) {
    List<String> wished = new ArrayList<>();
    boolean whole = true;
    for (Item item : items.values()) {
      if (!CounterPath.isAtOrBelow(leaf.path(), item.path())) {
        continue;
      }
      PathEntry entry = state.entry(item.path());
      if (entry == null) {
        whole = false;
        continue;
      }
      BootTotals row = entry.boot(ask.boot());
      if (item.need() <= (row == null ? 0 : row.granted())) {
        continue;
      }
      if (entry.remaining() > 0) {
        wished.add(item.path());
      } else {
        lacking.add(item.path());
        whole &= row != null && row.unspent() > 0;
      }
    }
    if (whole) {
      granted.addAll(wished);
    }
  }

  private void grant(@Nullable Item item) {
    PathEntry entry = item == null ? null : state.entry(item.path());
    if (item == null || entry == null) {
      return;
    }
    BootTotals row = entry.boot(ask.boot());
    if (row == null) {
      row = new BootTotals(ask.boot(), ask.podUid(), 0, 0, 0, 0, false);
    }
    long share = share(entry.remaining(), item.need() - row.granted(), ask.replicas());
    state = state.with(entry.with(row.grant(share)));
  }

  /**
   * How much of what remains one replica gets: nothing of nothing, all that is wanted while there
   * is plenty, and single calls near the end, so that the last ones are found wherever they are.
   */
  static long share(long remaining, long wanted, int replicas) {
    if (remaining <= 0 || wanted <= 0) {
      return 0;
    }
    long parts = 2L * Math.max(1, replicas);
    long fair = remaining / parts + (remaining % parts == 0 ? 0 : 1);
    return Math.min(remaining, Math.max(1, Math.min(wanted, fair)));
  }
}

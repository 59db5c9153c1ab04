package dev.writ.simulation;

import dev.writ.contract.ErrorCode;
import dev.writ.operator.ledger.LedgerState;
import dev.writ.operator.ledger.PathEntry;
import dev.writ.sidecar.count.Block;
import dev.writ.simulation.Plan.Fault;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;

/** One schedule: a ledger, its leaders, gates and callers, driven by one seed. */
final class World {
  static final String ROOT = "00000000-0000-4000-8000-000000000000";

  /** So long after everything healed nobody may wait for a call that is left. */
  private static final long STALL = 30_000;

  private final Plan plan;
  private final Bug bug;
  private final SplittableRandom random;
  private final Timeline time;
  private final Network network = new Network(this);
  private final Books books;
  private final Store store;
  private final List<Leader> leaders = new ArrayList<>();
  private final List<Pod> pods = new ArrayList<>();
  private final List<List<Block>> chains = new ArrayList<>();
  private final Set<String> gone = new HashSet<>();
  private final Set<String> seenGone = new HashSet<>();
  private int boots;
  private boolean chaos = true;
  private boolean electing;

  World(Plan plan, Bug bug) {
    this.plan = plan;
    this.bug = bug;
    this.random = new SplittableRandom(plan.seed() * 31 + 7);
    this.time = new Timeline(random);
    this.books = new Books(this::logged);
    this.store = new Store(books, bug, plan.limit());
    Block.Window rate = plan.rateCalls() == 0 ? null : new Block.Window(plan.rateCalls(), 1);
    Block root = new Block(ROOT, ROOT, plan.limit(), rate, null);
    books.bound(ROOT, plan.limit());
    chains.add(List.of(root));
    for (int i = 0; i < plan.children().size(); i++) {
      String cid = "00000000-0000-4000-8000-00000000000" + (i + 1);
      Block child = new Block(ROOT + "/" + cid, cid, plan.children().get(i), null, null);
      books.bound(child.path(), plan.children().get(i));
      chains.add(List.of(root, child));
    }
  }

  private LedgerState logged() {
    return store.logged();
  }

  /** Plays it to the end. */
  void run() {
    elect();
    for (int i = 0; i < plan.pods(); i++) {
      addPod(plan.has(Fault.IDLE_PEERS) && i > 0);
    }
    faults();
    long end = time.now() + plan.chaosMillis();
    while (time.step(end)) {
      // each step checks itself
    }
    heal();
    long patience = plan.rateCalls() == 0 ? STALL : 3 * STALL;
    long last = time.now() + patience;
    long look = time.now() + 3_000;
    long spent = books.spent(ROOT);
    while (time.step(last)) {
      if (time.now() >= look) {
        look = time.now() + 500;
        if (quiet()) {
          break;
        }
        // Slow callers may take minutes for what is left, as long as they get it.
        if (books.spent(ROOT) > spent) {
          spent = books.spent(ROOT);
          last = time.now() + patience;
        }
      }
    }
    ended();
  }

  private void addPod(boolean idle) {
    Pod pod = new Pod(this, "pod-" + pods.size(), idle);
    pods.add(pod);
    callers(pod, idle);
  }

  private void callers(Pod pod, boolean idle) {
    int pace = 150 + random.nextInt(500);
    int calls = idle ? 1 + random.nextInt(4) : Integer.MAX_VALUE;
    time.within(pace, () -> call(pod, pace, calls));
  }

  private void call(Pod pod, int pace, int left) {
    List<Block> chain = chains.get(random.nextInt(chains.size()));
    for (GateProcess process : pod.boots()) {
      process.call(chain);
    }
    if (left > 1) {
      time.in(1 + random.nextInt(2 * pace), () -> call(pod, pace, left - 1));
    }
  }

  private void faults() {
    often(Fault.KILL, 3_000, () -> somePod().kill());
    often(Fault.TERM, 6_000, () -> somePod().terminate());
    often(Fault.FREEZE, 4_000, () -> somePod().freeze());
    often(Fault.REBOOT, 6_000, () -> somePod().reboot());
    often(
        Fault.POD_GONE,
        6_000,
        () -> {
          Pod pod = somePod();
          if (pod.present()) {
            pod.delete();
            addPod(pod.idle());
          }
        });
    often(Fault.LEADER_OVERLAP, 3_000, this::elect);
    often(
        Fault.EDITS,
        4_000,
        () -> {
          store.edit(random.nextInt(1 + 2 * (int) plan.limit()));
          leaders.forEach(leader -> time.within(4_000, leader::seeCapability));
        });
    often(
        Fault.RESTORE,
        5_000,
        () -> {
          store.backUp();
          time.within(4_000, this::restore);
        });
    often(Fault.LEDGER_DELETED, 6_000, store::delete);
    every(1_500, () -> List.copyOf(leaders).forEach(Leader::sweep));
    every(2_000, () -> pods.forEach(Pod::restate));
  }

  private void restore() {
    if (chaos && store.restore()) {
      time.in(
          2_500,
          () ->
              leaders.stream().filter(Leader::alive).reduce((_, b) -> b).ifPresent(Leader::accept));
    }
  }

  private void often(Fault fault, int millis, Runnable what) {
    if (plan.has(fault)) {
      time.within(
          millis,
          () -> {
            if (chaos) {
              what.run();
              often(fault, millis, what);
            }
          });
    }
  }

  private void every(int millis, Runnable what) {
    time.in(
        millis,
        () -> {
          what.run();
          every(millis, what);
        });
  }

  private Pod somePod() {
    return pods.get(random.nextInt(pods.size()));
  }

  private void heal() {
    chaos = false;
    seenGone.addAll(gone);
    leaders.forEach(Leader::die);
    elect();
    pods.forEach(Pod::heal);
    every(
        2_000,
        () -> {
          pods.forEach(Pod::heal);
          leaders.stream()
              .filter(Leader::alive)
              .forEach(
                  leader -> {
                    leader.seeCapability();
                    if (leader.behind()) {
                      leader.accept();
                    }
                  });
        });
  }

  /** All calls are spent, and the gates know it. */
  private boolean quiet() {
    LedgerState entry = store.read().entry();
    if (entry == null) {
      // Deleted, and made again from the log as soon as somebody asks.
      entry = store.logged();
    }
    for (List<Block> chain : chains) {
      if (!exhausted(entry, chain)) {
        return false;
      }
      for (Pod pod : pods) {
        GateProcess process = pod.current();
        boolean served = pod.present() && process != null && process.running();
        // A rate is looked at first, so with one a call does not always come as far as that.
        boolean calls = !pod.idle() && plan.rateCalls() == 0;
        if (served && calls && process.last(chain) != ErrorCode.QUOTA_EXHAUSTED) {
          return false;
        }
      }
    }
    return true;
  }

  private static boolean exhausted(LedgerState entry, List<Block> chain) {
    for (Block block : chain) {
      PathEntry at = entry.entry(block.path());
      if (at != null && at.exhausted()) {
        return true;
      }
    }
    return false;
  }

  private void ended() {
    Books.check(quiet(), "after everything healed calls are left that nobody gets");
    LedgerState entries = store.read().entry() == null ? store.logged() : store.read().entry();
    PathEntry root = entries.entry(ROOT);
    long lost = 0;
    for (PathEntry entry : entries.entries()) {
      lost += entry.stranded();
    }
    boolean strands =
        plan.has(Fault.REBOOT)
            || plan.has(Fault.POD_GONE)
            || plan.has(Fault.RESTORE)
            || plan.has(Fault.LEDGER_DELETED)
            || plan.has(Fault.FREEZE)
            || plan.has(Fault.DUPLICATES);
    Books.check(strands || lost == 0, lost + " calls stranded without a reason");
    boolean exact = lost == 0 && !plan.has(Fault.RESTORE) && !plan.has(Fault.LEDGER_DELETED);
    if (exact) {
      for (PathEntry entry : entries.entries()) {
        Books.check(
            entry.knownUsed() == books.spent(entry.path())
                || (untold(entry) && entry.knownUsed() < books.spent(entry.path())),
            entry.path()
                + ": used "
                + entry.knownUsed()
                + ", admitted "
                + books.spent(entry.path()));
      }
    }
    if (plan.faultFree() && root.exhausted()) {
      Books.check(
          books.forwarded(ROOT) == plan.limit(),
          "without a fault " + books.forwarded(ROOT) + " of " + plan.limit());
    }
    Books.check(
        books.forwarded(ROOT) + books.lost() == books.spent(ROOT),
        "a call was neither seen nor lost");
  }

  /** Whether gates may have spent what the ledger does not have to know yet. */
  private static boolean untold(PathEntry entry) {
    return !entry.exhausted() || entry.remaining() < 0;
  }

  void elect() {
    electing = false;
    if (!plan.has(Fault.LEADER_OVERLAP) || !chaos) {
      leaders.forEach(Leader::die);
    }
    long skew = plan.has(Fault.SKEW) ? random.nextInt(3_000) : 0;
    leaders.removeIf(leader -> !leader.alive());
    leaders.add(new Leader(this, store.own(), skew));
  }

  void leaderDied() {
    if (!electing) {
      electing = true;
      time.within(800, this::elect);
    }
  }

  /** Mostly the newest one. */
  @Nullable Leader someLeader() {
    List<Leader> alive = leaders.stream().filter(Leader::alive).toList();
    if (alive.isEmpty()) {
      return null;
    }
    return random.nextInt(4) > 0 ? alive.getLast() : alive.get(random.nextInt(alive.size()));
  }

  void recall(String podUid) {
    for (Pod pod : pods) {
      if (pod.uid().equals(podUid) && !pod.cutOff() && !dice(Fault.LOSS, 4)) {
        pod.boots().forEach(process -> time.within(20, process::recall));
      }
    }
  }

  void gone(String uid) {
    gone.add(uid);
    time.within(3_000, () -> seenGone.add(uid));
  }

  /** As the caches of the operator have it. */
  Set<String> goneUids() {
    return seenGone;
  }

  boolean seesPod(String uid) {
    return !seenGone.contains(uid);
  }

  void toldFinal(String path, LedgerState state) {
    PathEntry at = state.entry(path);
    // After a limit was lowered below what is out, what is out may still be spent.
    boolean whole = at != null && at.remaining() >= 0;
    if (whole && !plan.has(Fault.RESTORE) && !plan.has(Fault.LEDGER_DELETED)) {
      books.toldFinal(path, at.generation());
    }
  }

  static List<String> counted(List<Block> chain) {
    return chain.stream().filter(block -> block.calls() != null).map(Block::path).toList();
  }

  /** True once in {@code odds}, while there are faults and the plan has this one. */
  boolean dice(Fault fault, int odds) {
    return chaos && plan.has(fault) && random.nextInt(odds) == 0;
  }

  String newBoot() {
    return String.format("%016x", ++boots);
  }

  /** Calls that the app may see in one second; 0 when clocks differ: then windows do as well. */
  long boundPerSecond() {
    return plan.has(Fault.SKEW) ? 0 : boundPerWindow();
  }

  /** Calls that may be granted in one window; 0 when its claim may be lost with the CallLedger. */
  long boundPerWindow() {
    return plan.has(Fault.RESTORE) || plan.has(Fault.LEDGER_DELETED) ? 0 : plan.rateCalls();
  }

  boolean slow() {
    return chaos && !plan.faultFree() && random.nextInt(4) == 0;
  }

  boolean chaos() {
    return chaos;
  }

  Plan plan() {
    return plan;
  }

  Bug bug() {
    return bug;
  }

  SplittableRandom random() {
    return random;
  }

  Timeline time() {
    return time;
  }

  Network network() {
    return network;
  }

  Books books() {
    return books;
  }

  Store store() {
    return store;
  }
}

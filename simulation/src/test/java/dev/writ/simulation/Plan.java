package dev.writ.simulation;

import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;

/**
 * What one seed plays: sizes, and which faults there are.
 *
 * @param seed of all that follows
 * @param limit calls of the root
 * @param children limits of delegations under it
 * @param pods replicas of the callee
 * @param rateCalls of the root per second, 0 for no rate
 * @param chaosMillis how long faults happen; after that everything heals
 */
record Plan(
    long seed,
    long limit,
    List<Long> children,
    int pods,
    int rateCalls,
    long chaosMillis,
    Set<Fault> faults) {

  /** What can go wrong. */
  enum Fault {
    LOSS,
    DUPLICATES,
    KILL,
    TERM,
    FREEZE,
    REBOOT,
    POD_GONE,
    LEADER_CRASH,
    LEADER_OVERLAP,
    UNKNOWN_OUTCOME,
    EDITS,
    RESTORE,
    LEDGER_DELETED,
    IDLE_PEERS,
    SKEW
  }

  /** Draws a plan; about one in eight has no faults at all. */
  static Plan draw(long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    Set<Fault> faults = EnumSet.noneOf(Fault.class);
    if (random.nextInt(8) > 0) {
      int odds = 2 + random.nextInt(4);
      for (Fault fault : Fault.values()) {
        if (random.nextInt(odds) == 0) {
          faults.add(fault);
        }
      }
    } else if (random.nextBoolean()) {
      faults.add(Fault.IDLE_PEERS);
    }
    List<Long> children = new ArrayList<>();
    if (random.nextInt(3) == 0) {
      int count = 1 + random.nextInt(2);
      for (int i = 0; i < count; i++) {
        children.add(1L + random.nextInt(4));
      }
    }
    return new Plan(
        seed,
        1 + random.nextInt(random.nextInt(3) == 0 ? 20 : 5),
        children,
        1 + random.nextInt(3),
        random.nextInt(5) == 0 ? 1 + random.nextInt(3) : 0,
        4_000 + random.nextInt(8_000),
        faults);
  }

  Plan {
    children = List.copyOf(children);
    faults = Set.copyOf(faults);
  }

  boolean has(Fault fault) {
    return faults.contains(fault);
  }

  boolean faultFree() {
    return faults.isEmpty() || faults.equals(Set.of(Fault.IDLE_PEERS));
  }
}

package dev.writ.operator.revoke;

import java.util.Collections;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/**
 * Which contracts are dead and how long that has to be said. Pure. (protocol.md, Revocation list)
 *
 * <p>A contract lives 900 s at most from its minting, so an entry may go {@link #MEMORY_SECONDS}
 * after the last moment at which one could have been minted. {@code known} holds every capability
 * that contracts may have been minted for: one that is gone when the operator starts was deleted
 * while nobody looked, and is revoked then.
 *
 * @param seq of the list that says this; rises with every change of what it says
 * @param cids revoked capabilities to the epoch second at which the entry may go, {@link #HELD}
 *     while it must stay
 * @param gens edited capabilities: contracts of an older generation are dead
 * @param known capabilities to the newest generation seen
 * @param jtis revoked contracts to the epoch second at which the entry may go
 * @param jkts keys of revoked holders, likewise
 */
public record RevocationState(
    long seq,
    Map<String, Long> cids,
    Map<String, Edited> gens,
    Map<String, Long> known,
    Map<String, Long> jtis,
    Map<String, Long> jkts) {
  /**
   * Lifetime of a contract, and a minute for an issuance under way and for clocks of callees that
   * are behind. Seconds.
   */
  public static final long MEMORY_SECONDS = 900 + 60;

  /** Until something else is said. */
  public static final long HELD = Long.MAX_VALUE;

  /** Nothing is revoked, nothing was issued. */
  public static final RevocationState EMPTY = first(1);

  /**
   * An edited capability.
   *
   * @param gen the oldest generation that counts
   * @param until epoch second at which the entry may go
   */
  public record Edited(long gen, long until) {}

  /** Copies. */
  public RevocationState {
    if (seq < 1) {
      throw new IllegalArgumentException("seq " + seq + " is below 1");
    }
    cids = Collections.unmodifiableMap(new TreeMap<>(cids));
    gens = Collections.unmodifiableMap(new TreeMap<>(gens));
    known = Collections.unmodifiableMap(new TreeMap<>(known));
    jtis = Collections.unmodifiableMap(new TreeMap<>(jtis));
    jkts = Collections.unmodifiableMap(new TreeMap<>(jkts));
  }

  /** Nothing is revoked, nothing was issued; the list has that number. */
  public static RevocationState first(long seq) {
    return new RevocationState(seq, Map.of(), Map.of(), Map.of(), Map.of(), Map.of());
  }

  /** These contracts and delegations count no more. One that is named already stays as it is. */
  public RevocationState contracts(Set<String> dead, long now) {
    return dead.isEmpty() ? this : withInstances(named(jtis, dead, now), jkts);
  }

  /** What is held under these keys counts no more, thumbprints. Likewise. */
  public RevocationState holders(Set<String> dead, long now) {
    return dead.isEmpty() ? this : withInstances(jtis, named(jkts, dead, now));
  }

  private static Map<String, Long> named(Map<String, Long> before, Set<String> dead, long now) {
    Map<String, Long> after = new TreeMap<>(before);
    dead.forEach(one -> after.putIfAbsent(one, now + MEMORY_SECONDS));
    return after;
  }

  private RevocationState withInstances(Map<String, Long> nextJtis, Map<String, Long> nextJkts) {
    boolean says =
        !nextJtis.keySet().equals(jtis.keySet()) || !nextJkts.keySet().equals(jkts.keySet());
    return new RevocationState(says ? seq + 1 : seq, cids, gens, known, nextJtis, nextJkts);
  }

  /**
   * The capability exists with this generation. One that is first seen with a generation above 1
   * may have been edited while nobody looked, so its older generations are taken for dead.
   *
   * @param revoked whether none of its contracts may count now (suspended, or it can't be enforced)
   * @param now epoch seconds
   */
  public RevocationState observe(String cid, long generation, boolean revoked, long now) {
    Map<String, Long> nextCids = new TreeMap<>(cids);
    if (revoked) {
      nextCids.put(cid, HELD);
    } else if (Objects.equals(cids.get(cid), HELD)) {
      nextCids.remove(cid);
    }
    long seen = Optional.ofNullable(known.get(cid)).orElse(1L);
    if (generation <= seen && known.containsKey(cid)) {
      return next(nextCids, gens, known);
    }
    Map<String, Long> nextKnown = new TreeMap<>(known);
    nextKnown.put(cid, generation);
    if (generation <= seen) {
      return next(nextCids, gens, nextKnown);
    }
    Map<String, Edited> nextGens = new TreeMap<>(gens);
    nextGens.put(cid, new Edited(generation, now + MEMORY_SECONDS));
    return next(nextCids, nextGens, nextKnown);
  }

  /** The capability is gone: none of its contracts counts again. */
  public RevocationState gone(String cid, long now) {
    if (!known.containsKey(cid) && !cids.containsKey(cid)) {
      return this;
    }
    Map<String, Long> nextCids = new TreeMap<>(cids);
    nextCids.merge(
        cid, now + MEMORY_SECONDS, (old, until) -> old == HELD ? until : Math.max(old, until));
    Map<String, Edited> nextGens = new TreeMap<>(gens);
    nextGens.remove(cid);
    Map<String, Long> nextKnown = new TreeMap<>(known);
    nextKnown.remove(cid);
    return next(nextCids, nextGens, nextKnown);
  }

  /** These are all capabilities there are: every other known one is gone. */
  public RevocationState only(Set<String> existing, long now) {
    RevocationState state = this;
    for (String cid : known.keySet()) {
      if (!existing.contains(cid)) {
        state = state.gone(cid, now);
      }
    }
    return state;
  }

  /** Drops what no living contract can refer to any more. */
  public RevocationState expire(long now) {
    Map<String, Long> nextCids = new TreeMap<>(cids);
    nextCids.values().removeIf(until -> until <= now);
    Map<String, Edited> nextGens = new TreeMap<>(gens);
    nextGens.values().removeIf(edited -> edited.until() <= now);
    Map<String, Long> nextJtis = new TreeMap<>(jtis);
    nextJtis.values().removeIf(until -> until <= now);
    Map<String, Long> nextJkts = new TreeMap<>(jkts);
    nextJkts.values().removeIf(until -> until <= now);
    return next(nextCids, nextGens, known).withInstances(nextJtis, nextJkts);
  }

  /** The generations as the list says them. */
  public Map<String, Long> generations() {
    Map<String, Long> generations = new TreeMap<>();
    gens.forEach((cid, edited) -> generations.put(cid, edited.gen()));
    return generations;
  }

  /** Whether contracts of this generation of the capability are dead. */
  public boolean kills(String cid, long generation) {
    Edited edited = gens.get(cid);
    return cids.containsKey(cid) || (edited != null && generation < edited.gen());
  }

  /**
   * The same number for other content would be refused by every sidecar, so content and number
   * change together.
   */
  private RevocationState next(
      Map<String, Long> nextCids, Map<String, Edited> nextGens, Map<String, Long> nextKnown) {
    RevocationState same = new RevocationState(seq, nextCids, nextGens, nextKnown, jtis, jkts);
    boolean says =
        !same.cids.keySet().equals(cids.keySet()) || !same.generations().equals(generations());
    return says ? new RevocationState(seq + 1, nextCids, nextGens, nextKnown, jtis, jkts) : same;
  }
}

package dev.writ.operator.records;

import dev.writ.audit.OperatorEntry.Generation;
import dev.writ.audit.OperatorEntry.Revoke;
import dev.writ.contract.MalformedException;
import dev.writ.contract.document.RevocationList;
import dev.writ.contract.document.TrustBundle;
import dev.writ.contract.key.Ed25519;
import dev.writ.operator.records.OperatorLog.Stamp;
import dev.writ.operator.revoke.SignedList;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Puts into the log what a revocation list says that the one before did not; the first one of a
 * process is recorded whole. Sending the list never waits for the log: what is revoked is revoked
 * when sidecars hear of it. Called by one thread at a time. (audit.md, Record)
 */
public final class RevokeRecords implements Consumer<SignedList> {
  private static final Logger LOG = LoggerFactory.getLogger(RevokeRecords.class);

  /** Of each kind in one record, so that it stays below 16 KiB. */
  private static final int PART = 60;

  private final OperatorLog log;
  private final Supplier<TrustBundle> trust;
  private final Ed25519 ed25519;
  private final Set<String> cids = new HashSet<>();
  private final Set<String> jtis = new HashSet<>();
  private final Set<String> jkts = new HashSet<>();
  private Map<String, Long> gens = Map.of();

  /** Reads lists as sidecars do. */
  public RevokeRecords(OperatorLog log, Supplier<TrustBundle> trust, Ed25519 ed25519) {
    this.log = log;
    this.trust = trust;
    this.ed25519 = ed25519;
  }

  @Override
  public void accept(SignedList signed) {
    try {
      RevocationList list = RevocationList.parse(signed.jws(), trust.get(), ed25519);
      log.later(news(list));
    } catch (MalformedException e) {
      LOG.atError()
          .addKeyValue("list", signed.seq())
          .addKeyValue("cause", e.getMessage())
          .log("couldn't record a revocation list");
    }
  }

  private List<Revoke> news(RevocationList list) {
    List<String> newCids = take(cids, list.cids());
    List<String> newJtis = take(jtis, list.jtis());
    List<String> newJkts = take(jkts, list.jkts());
    List<Generation> newGens = new ArrayList<>();
    list.gens()
        .forEach(
            (cid, gen) -> {
              if (!gen.equals(gens.get(cid))) {
                newGens.add(new Generation(cid, gen));
              }
            });
    gens = Map.copyOf(list.gens());
    int most =
        Math.max(
            Math.max(newCids.size(), newJtis.size()), Math.max(newJkts.size(), newGens.size()));
    Stamp now = log.stamp();
    List<Revoke> parts = new ArrayList<>();
    for (int from = 0; from < most; from += PART) {
      parts.add(
          new Revoke(
              now.time(),
              now.pod(),
              list.seq(),
              part(newCids, from),
              part(newJtis, from),
              part(newJkts, from),
              part(newGens, from)));
    }
    return parts;
  }

  /** What is new; {@code known} says then what {@code listed} says. */
  private static List<String> take(Set<String> known, Collection<String> listed) {
    List<String> fresh = listed.stream().filter(one -> !known.contains(one)).sorted().toList();
    known.retainAll(Set.copyOf(listed));
    known.addAll(fresh);
    return fresh;
  }

  private static <T> List<T> part(List<T> all, int from) {
    return from >= all.size() ? List.of() : all.subList(from, Math.min(from + PART, all.size()));
  }
}

package dev.writ.operator.counting;

import dev.writ.contract.quota.CounterPath;
import dev.writ.operator.issue.Programs.Place;
import dev.writ.operator.ledger.Anchor;
import dev.writ.operator.ledger.LedgerChange;
import dev.writ.operator.ledger.LedgerState;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** An API server and a log in memory, which fail on request before or after they store. */
final class FakeLedgers implements LedgerStore, ChangeLog {
  /** When the next write fails. */
  enum Fails {
    NOT,
    NOT_STORED,
    STORED
  }

  final Map<String, Stored> ledgers = new HashMap<>();
  final List<String> happened = new ArrayList<>();
  private final Map<String, Anchor> anchors = new HashMap<>();
  Fails store = Fails.NOT;
  Fails log = Fails.NOT;
  private long version;

  @Override
  public List<Stored> all() {
    return List.copyOf(ledgers.values());
  }

  @Override
  public Optional<Stored> load(String cid, Place place) {
    return Optional.ofNullable(ledgers.get(cid));
  }

  @Override
  public Stored create(String cid, Place place) throws ConflictException {
    if (ledgers.containsKey(cid)) {
      throw new ConflictException("there already");
    }
    ledgers.put(cid, new Stored(cid, place, LedgerState.EMPTY, String.valueOf(++version)));
    return ledgers.get(cid);
  }

  @Override
  public Stored save(Stored before, LedgerState next) throws ConflictException {
    Stored now = ledgers.get(before.cid());
    if (now == null || !now.version().equals(before.version())) {
      throw new ConflictException("changed");
    }
    if (store != Fails.NOT_STORED) {
      happened.add("store");
      ledgers.put(
          before.cid(), new Stored(before.cid(), before.place(), next, String.valueOf(++version)));
    }
    if (store != Fails.NOT) {
      store = Fails.NOT;
      throw new KubernetesClientException("no API server");
    }
    return ledgers.get(before.cid());
  }

  /** Somebody else writes. */
  void overwrite(String cid, LedgerState state) {
    Stored now = ledgers.get(cid);
    ledgers.put(cid, new Stored(cid, now.place(), state, String.valueOf(++version)));
  }

  @Override
  public void delete(String cid, Place place) {
    ledgers.remove(cid);
  }

  @Override
  public void append(LedgerChange change) throws IOException {
    if (log != Fails.NOT_STORED) {
      happened.add("log");
      String cid = CounterPath.root(change.parts().getFirst().path());
      anchors.merge(cid, Anchor.EMPTY.replayed(change), (known, _) -> known.replayed(change));
    }
    if (log != Fails.NOT) {
      log = Fails.NOT;
      throw new IOException("no log");
    }
  }

  @Override
  public LedgerState logged(String cid) {
    return anchors.getOrDefault(cid, Anchor.EMPTY).logged();
  }
}

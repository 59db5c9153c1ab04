package dev.writ.sidecar.allowance;

import dev.writ.contract.quota.AllowanceRequest;
import dev.writ.contract.quota.AllowanceRequest.Closing;
import dev.writ.contract.quota.AllowanceRequest.Counter;
import dev.writ.contract.quota.AllowanceRequest.Settled;
import dev.writ.contract.quota.CounterPath;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Boots that ended and of which the ledger has not confirmed it: said until it does. */
final class Closings {
  /**
   * How long it holds which boots are alive: a process that was stuck must not call lost what was
   * started beside it.
   */
  static final long KNOWN_MILLIS = 2_000;

  private final List<Settled> parts = new ArrayList<>();
  private @Nullable List<String> known;
  private long knownAt;

  /** {@code null} says nothing about other boots. */
  void add(List<Settled> settled, @Nullable List<String> knownBoots, long nowMillis) {
    settled.forEach(one -> parts.addAll(split(one)));
    if (knownBoots != null) {
      known = List.copyOf(knownBoots);
      knownAt = nowMillis;
    }
  }

  /** One message holds whole roots; most boots fit into one part. */
  private static List<Settled> split(Settled settled) {
    if (settled.counters().size() <= AllowanceRequest.MAX_CLOSING) {
      return List.of(settled);
    }
    Map<String, List<Counter>> roots = new LinkedHashMap<>();
    for (Counter counter : settled.counters()) {
      String root = CounterPath.root(counter.name().path());
      roots.computeIfAbsent(root, _ -> new ArrayList<>()).add(counter);
    }
    List<Settled> split = new ArrayList<>();
    List<Counter> part = new ArrayList<>();
    for (List<Counter> root : roots.values()) {
      if (!part.isEmpty() && part.size() + root.size() > AllowanceRequest.MAX_CLOSING) {
        split.add(new Settled(settled.boot(), part));
        part.clear();
      }
      part.addAll(root);
    }
    split.add(new Settled(settled.boot(), part));
    return split;
  }

  @Nullable Closing next(long nowMillis) {
    if (nowMillis - knownAt > KNOWN_MILLIS) {
      known = null;
    }
    if (parts.isEmpty() && known == null) {
      return null;
    }
    List<Settled> now = new ArrayList<>();
    Set<String> boots = new HashSet<>();
    int room = AllowanceRequest.MAX_CLOSING;
    for (Settled part : parts) {
      if (part.counters().size() <= room && boots.add(part.boot())) {
        now.add(part);
        room -= part.counters().size();
      }
    }
    return new Closing(now, known);
  }

  /** Boots that are closed in every ledger now. */
  List<String> confirmed(Closing sent, List<String> closed) {
    if (sent.known() != null && sent.known().equals(known)) {
      known = null;
    }
    List<String> done = new ArrayList<>();
    for (Settled part : sent.settled()) {
      if (closed.contains(part.boot())
          && parts.remove(part)
          && parts.stream().noneMatch(left -> left.boot().equals(part.boot()))) {
        done.add(part.boot());
      }
    }
    return done;
  }
}

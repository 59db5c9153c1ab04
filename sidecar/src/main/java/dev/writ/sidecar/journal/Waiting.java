package dev.writ.sidecar.journal;

import java.util.ArrayList;
import java.util.List;
import java.util.NavigableMap;
import java.util.TreeMap;

/** Who waits for the log to have which record of this boot. Not thread-safe. */
final class Waiting {
  private final NavigableMap<Long, List<Runnable>> bySeq = new TreeMap<>();

  void add(long seq, Runnable stored) {
    bySeq.computeIfAbsent(seq, _ -> new ArrayList<>(1)).add(stored);
  }

  /** Takes out those whose records are among the first {@code seq}. */
  List<Runnable> upTo(long seq) {
    NavigableMap<Long, List<Runnable>> reached = bySeq.headMap(seq, true);
    List<Runnable> ready = reached.values().stream().flatMap(List::stream).toList();
    reached.clear();
    return ready;
  }

  boolean isEmpty() {
    return bySeq.isEmpty();
  }
}

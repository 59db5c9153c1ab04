package dev.writ.sidecar.work;

import dev.writ.contract.verify.OnwardChains.Onward;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import org.jspecify.annotations.Nullable;

/**
 * The works in hand, found by the receipt of their call or by its trace. Bounded by number and by
 * what callers handed over: what is answered goes first, then what is still being worked on, always
 * the oldest first. In memory alone: a restart forgets it, and onward calls of that work then carry
 * no authority of the caller. Thread-safe.
 */
public final class Works {
  private static final int MAX_OF_TRACE = 16;

  private final Contexts contexts;
  private final int maxWorks;
  private final long maxChars;
  private final LinkedHashMap<String, Work> open = new LinkedHashMap<>();
  private final LinkedHashMap<String, Work> answered = new LinkedHashMap<>();

  /** By trace, then by caller, then by receipt in the order of arrival. */
  private final Map<String, Map<List<String>, LinkedHashMap<String, Work>>> byTrace =
      new HashMap<>();

  private final Map<Onward, Kept> chains = new HashMap<>();
  private long chars;
  private long evicted;

  private static final class Kept {
    private final Handed handed;
    private int uses;

    private Kept(Handed handed) {
      this.handed = handed;
    }
  }

  /**
   * An empty store.
   *
   * @param contexts names the works to the app
   * @param maxWorks at a time
   * @param maxChars length of all different chains in it, characters
   */
  public Works(Contexts contexts, int maxWorks, long maxChars) {
    if (maxWorks < 1) {
      throw new IllegalArgumentException("maxWorks: below 1");
    }
    this.contexts = contexts;
    this.maxWorks = maxWorks;
    this.maxChars = maxChars;
  }

  /** The values of {@code Capability-Context}. */
  public Contexts contexts() {
    return contexts;
  }

  /**
   * The call was admitted and its app begins to work.
   *
   * @param now epoch seconds
   */
  public synchronized void begin(Work call, long now) {
    expire(now);
    Work work = call.with(call.handed().stream().map(this::keep).toList());
    open.put(work.receipt(), work);
    if (work.trace() != null) {
      byTrace
          .computeIfAbsent(work.trace(), _ -> new LinkedHashMap<>(2))
          .computeIfAbsent(work.caller(), _ -> new LinkedHashMap<>(2))
          .put(work.receipt(), work);
    }
    while (size() > maxWorks || chars > maxChars) {
      evicted++;
      drop(answered.isEmpty() ? open : answered);
    }
  }

  /** The call has its answer; the app may still work on it. */
  public synchronized void answered(String receipt) {
    Work work = open.remove(receipt);
    if (work != null) {
      answered.put(receipt, work);
    }
  }

  /** The work of that call, null when it is not known, or not any more. */
  public synchronized @Nullable Work byReceipt(String receipt, long now) {
    Work working = open.get(receipt);
    Work work = working == null ? answered.get(receipt) : working;
    return work == null || now >= work.until() ? null : work;
  }

  /**
   * The works of that trace by caller, the newest first and at most {@value #MAX_OF_TRACE} of each.
   * More than one caller: the trace alone does not tell for whom an onward call is.
   */
  public synchronized List<List<Work>> byTrace(String trace, long now) {
    List<List<Work>> callers = new ArrayList<>();
    for (LinkedHashMap<String, Work> works : byTrace.getOrDefault(trace, Map.of()).values()) {
      List<Work> live =
          works.sequencedValues().reversed().stream()
              .filter(work -> now < work.until())
              .limit(MAX_OF_TRACE)
              .toList();
      if (!live.isEmpty()) {
        callers.add(live);
      }
      if (callers.size() == MAX_OF_TRACE) {
        break;
      }
    }
    return callers;
  }

  /** Forgets from the oldest on what has ended: the store is then as full as it has to be. */
  private void expire(long now) {
    for (SequencedMap<String, Work> works : List.of(answered, open)) {
      while (!works.isEmpty() && works.firstEntry().getValue().until() <= now) {
        drop(works);
      }
    }
  }

  private void drop(SequencedMap<String, Work> from) {
    Work work = from.pollFirstEntry().getValue();
    work.handed().forEach(this::release);
    String trace = work.trace();
    if (trace != null) {
      byTrace.computeIfPresent(
          trace,
          (_, callers) -> {
            callers.computeIfPresent(
                work.caller(),
                (_, works) ->
                    works.remove(work.receipt()) != null && works.isEmpty() ? null : works);
            return callers.isEmpty() ? null : callers;
          });
    }
  }

  /** The same chain comes with many calls and is kept once. */
  private Handed keep(Handed handed) {
    Kept kept =
        chains.computeIfAbsent(
            handed.sent(),
            _ -> {
              chars += handed.length();
              return new Kept(handed);
            });
    kept.uses++;
    return kept.handed;
  }

  private void release(Handed handed) {
    Kept kept = chains.get(handed.sent());
    if (kept != null && --kept.uses == 0) {
      chains.remove(handed.sent());
      chars -= handed.length();
    }
  }

  /** How many there are, for a metric. */
  public synchronized int size() {
    return open.size() + answered.size();
  }

  /** Length of their chains, characters, for a metric. */
  public synchronized long chars() {
    return chars;
  }

  /** How many gave way before their time, for a metric. */
  public synchronized long evicted() {
    return evicted;
  }
}

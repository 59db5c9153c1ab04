package dev.writ.sidecar.allowance;

import dev.writ.contract.ErrorCode;
import dev.writ.contract.quota.AllowanceAnswer;
import dev.writ.contract.quota.AllowanceRequest;
import dev.writ.contract.quota.AllowanceRequest.Closing;
import dev.writ.contract.quota.AllowanceRequest.Counter;
import dev.writ.contract.quota.AllowanceRequest.Settled;
import dev.writ.contract.quota.CounterName;
import dev.writ.contract.quota.CounterPath;
import dev.writ.sidecar.count.Admission;
import dev.writ.sidecar.count.Admission.Admitted;
import dev.writ.sidecar.count.Admission.Counted;
import dev.writ.sidecar.count.Admission.Refused;
import dev.writ.sidecar.count.Block;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * What one boot of a gate may spend. Never blocks, never waits; the ledger is asked ahead of need.
 * Not thread-safe: whoever owns it holds one lock around every call, {@link Admission.Place#leave}
 * included. (quota.md, Totals)
 *
 * <p>All times are milliseconds of one monotonic clock.
 */
public final class Allowances {
  private static final long FIRST_PAUSE_MILLIS = 100;
  private static final long LONGEST_PAUSE_MILLIS = 2_000;

  private final String boot;
  private final Counters counters;
  private final Map<String, CountedChain> chains = new LinkedHashMap<>();
  private final Map<String, CountedChain> chainOfPath = new HashMap<>();
  private final Map<String, Allowance> allowances = new LinkedHashMap<>();
  private final Map<String, RateRight> rights = new LinkedHashMap<>();
  private final Concurrency concurrency = new Concurrency();
  private final Closings closings = new Closings();
  private @Nullable Ask underWay;
  private long pause;
  private long notBefore = Long.MIN_VALUE;
  private boolean stopped;

  /**
   * Nothing is granted yet.
   *
   * @param boot 16 lower-case hex digits, new at each start
   * @param counters of this boot alone, all at zero
   */
  public Allowances(String boot, Counters counters) {
    this.boot = boot;
    this.counters = counters;
  }

  /**
   * Spends one call on all blocks of a chain or on none: concurrency, then rate, then calls. After
   * {@code QUOTA_UNAVAILABLE} the caller may keep the request, send what {@link #due} says, and try
   * again when an answer came.
   *
   * @param blocks the chain, root first
   * @param clock monotonic, milliseconds; read again after a rate was debited
   * @param epochSeconds wall clock, for {@code resetAt} alone
   */
  public Admission spend(List<Block> blocks, LongSupplier clock, long epochSeconds) {
    long now = clock.getAsLong();
    if (stopped) {
      return unavailable();
    }
    Refused refused = concurrency.refusal(blocks);
    if (refused != null) {
      return refused;
    }
    List<RateRight> rates = rates(blocks, now);
    refused = rateRefusal(rates, now, epochSeconds);
    if (refused != null) {
      return refused;
    }
    CountedChain chain = chain(blocks, now);
    if (chain == null) {
      return counted(blocks) ? unavailable() : debit(blocks, rates, null, clock);
    }
    refused = callsRefusal(chain, blocks, now);
    return refused != null ? refused : debit(blocks, rates, chain, clock);
  }

  private Admission debit(
      List<Block> blocks, List<RateRight> rates, @Nullable CountedChain chain, LongSupplier clock) {
    rates.forEach(RateRight::spend);
    long now = clock.getAsLong();
    for (RateRight rate : rates) {
      // What was debited of a window that ended meanwhile dies with it.
      if (!rate.inTime(now)) {
        rate.lacked();
        return unavailable();
      }
    }
    List<Counted> counts = new ArrayList<>();
    if (chain != null) {
      if (!chain.counter().raise(chain.counter().value())) {
        return unavailable();
      }
      for (Allowance allowance : chain.allowances()) {
        allowance.spend(now);
        String path = allowance.path();
        String cid = path.substring(path.lastIndexOf('/') + 1);
        counts.add(new Counted(cid, allowance.limit(), allowance.used()));
      }
    }
    return new Admitted(counts, concurrency.enter(blocks));
  }

  private static boolean counted(List<Block> blocks) {
    return blocks.stream().anyMatch(block -> block.calls() != null);
  }

  private List<RateRight> rates(List<Block> blocks, long now) {
    List<RateRight> rates = new ArrayList<>(2);
    for (Block block : blocks) {
      Block.Window rate = block.rate();
      if (rate != null) {
        RateRight right = rights.computeIfAbsent(block.path(), path -> new RateRight(path, rate));
        right.attempted(rate, now);
        rates.add(right);
      }
    }
    return rates;
  }

  private static @Nullable Refused rateRefusal(List<RateRight> rates, long now, long epochSeconds) {
    Refused refused = null;
    for (RateRight rate : rates) {
      if (rate.has(now)) {
        continue;
      }
      rate.lacked();
      if (rate.full(now)) {
        long reset = epochSeconds + Math.ceilDiv(rate.millisLeft(now), 1000L);
        return new Refused(ErrorCode.RATE_LIMITED, rate.limit(), rate.limit(), reset);
      }
      refused = unavailable();
    }
    return refused;
  }

  private static @Nullable Refused callsRefusal(CountedChain chain, List<Block> blocks, long now) {
    Refused refused = null;
    int next = 0;
    for (Block block : blocks) {
      Long presented = block.calls();
      if (presented == null) {
        continue;
      }
      Allowance allowance = chain.allowances().get(next++);
      allowance.attempted(chain.leaf(), presented, now);
      if (allowance.available() > 0) {
        continue;
      }
      allowance.lacked();
      if (allowance.exhausted()) {
        refused = new Refused(ErrorCode.QUOTA_EXHAUSTED, allowance.limit(), allowance.used(), null);
      } else if (refused == null) {
        refused = unavailable();
      }
    }
    return refused;
  }

  private static Refused unavailable() {
    return new Refused(ErrorCode.QUOTA_UNAVAILABLE, null, null, null);
  }

  /** The chain's counter and allowances, null when nothing is counted or the file is full. */
  private @Nullable CountedChain chain(List<Block> blocks, long now) {
    String path = blocks.getLast().path();
    CountedChain known = chainOfPath.get(path);
    if (known != null && known.fits(blocks)) {
      return known;
    }
    if (!counted(blocks)) {
      return null;
    }
    CounterName name = CountedChain.name(blocks);
    CountedChain chain = chains.get(name.text());
    if (chain == null) {
      SpentCounter counter = counters.counter(name);
      if (counter == null) {
        return null;
      }
      List<Allowance> counts = new ArrayList<>();
      for (Block block : blocks) {
        Long limit = block.calls();
        if (limit != null) {
          counts.add(allowances.computeIfAbsent(block.path(), at -> new Allowance(at, limit, now)));
        }
      }
      chain = new CountedChain(name, counter, counts);
      chains.put(name.text(), chain);
    }
    chainOfPath.put(path, chain);
    return chain;
  }

  /**
   * What has to be sent now, null for nothing. One request is under way at a time: until {@link
   * #answered} or {@link #failed} there is no other. Ask often, at least every 100 ms, and after
   * each {@code QUOTA_UNAVAILABLE}.
   */
  public @Nullable Ask due(long nowMillis) {
    if (underWay != null || nowMillis < notBefore) {
      return null;
    }
    Map<String, Allowance> asking = new LinkedHashMap<>();
    List<AllowanceRequest.Rate> rates = new ArrayList<>();
    if (!stopped) {
      for (Allowance allowance : allowances.values()) {
        allowance.giveBack(nowMillis);
        if (allowance.pressing(nowMillis)) {
          include(asking, allowance);
        }
      }
      for (RateRight right : rights.values()) {
        if (right.pressing(nowMillis) && rates.size() < AllowanceRequest.MAX_ITEMS) {
          rates.add(right.item(nowMillis));
        }
      }
    }
    Closing closing = closings.next(nowMillis);
    if (asking.isEmpty() && rates.isEmpty() && closing == null) {
      return null;
    }
    List<AllowanceRequest.Item> items = new ArrayList<>();
    asking.values().forEach(allowance -> items.add(allowance.item(nowMillis)));
    underWay = new Ask(new AllowanceRequest(boot, items, rates, closing), nowMillis);
    return underWay;
  }

  /**
   * Adds it with the chains on whose behalf it is wished for, whole ones as far as there is room.
   */
  private void include(Map<String, Allowance> asking, Allowance allowance) {
    for (String leaf : allowance.leaves()) {
      List<Allowance> chain = new ArrayList<>();
      for (String path : CounterPath.lineage(leaf)) {
        Allowance at = allowances.get(path);
        if (at != null && !asking.containsKey(path)) {
          chain.add(at);
        }
      }
      if (asking.size() + chain.size() <= AllowanceRequest.MAX_ITEMS) {
        chain.forEach(at -> asking.put(at.path(), at));
      }
    }
    if (asking.size() < AllowanceRequest.MAX_ITEMS) {
      asking.putIfAbsent(allowance.path(), allowance);
    }
  }

  /**
   * Takes an answer, also a late or a second one.
   *
   * @return predecessors whose settlement is durable: their files may go
   */
  public List<String> answered(Ask ask, AllowanceAnswer answer, long nowMillis) {
    over(ask);
    pause = 0;
    Map<String, AllowanceAnswer.Item> items = new HashMap<>();
    answer.items().forEach(item -> items.put(item.path(), item));
    for (AllowanceRequest.Item asked : ask.request().items()) {
      Allowance allowance = allowances.get(asked.path());
      AllowanceAnswer.Item item = items.get(asked.path());
      if (allowance != null && item != null) {
        allowance.answered(item, asked, ask.sentMillis(), nowMillis);
      } else if (allowance != null) {
        allowance.unanswered(nowMillis);
      }
    }
    Map<String, AllowanceAnswer.Rate> rates = new HashMap<>();
    answer.rates().forEach(rate -> rates.put(rate.path(), rate));
    for (AllowanceRequest.Rate asked : ask.request().rates()) {
      RateRight right = rights.get(asked.path());
      AllowanceAnswer.Rate rate = rates.get(asked.path());
      if (right != null && rate != null) {
        right.answered(rate, ask.sentMillis(), nowMillis);
      } else if (right != null) {
        right.unanswered(nowMillis);
      }
    }
    Closing closing = ask.request().closing();
    return closing == null ? List.of() : closings.confirmed(closing, answer.closed());
  }

  /** No answer came, or none that can be read: said again after a pause, with the newest totals. */
  public void failed(Ask ask, long nowMillis) {
    over(ask);
    pause = Math.clamp(2 * pause, FIRST_PAUSE_MILLIS, LONGEST_PAUSE_MILLIS);
    notBefore = nowMillis + pause;
  }

  private void over(Ask ask) {
    if (ask.equals(underWay)) {
      underWay = null;
    }
  }

  /** Event {@code recall}: somebody waits for calls of that root. */
  public void recall(String rootCid) {
    for (Allowance allowance : allowances.values()) {
      if (CounterPath.root(allowance.path()).equals(rootCid)) {
        allowance.recall();
      }
    }
  }

  /**
   * A capability was edited, or the operator may be another one: what was final may not be any
   * more, and the totals are told again.
   */
  public void reopen() {
    allowances.values().forEach(Allowance::reopen);
  }

  /**
   * Boots of this pod that ended, at the start and whenever a lock becomes free. Which ones are
   * known is said for two seconds and then has to be looked up again: say it every minute, since a
   * request of a boot that is lost may arrive after that was said.
   *
   * @param settled each under its lock, with every counter of its file; said until it is confirmed
   * @param known all boots of this pod that are not lost: this one, those settled here or before,
   *     and those whose lock is not free; null says nothing about others
   */
  public void predecessors(List<Settled> settled, @Nullable List<String> known, long nowMillis) {
    closings.add(settled, known, nowMillis);
  }

  /**
   * SIGTERM: admits nothing from here on and settles this boot. Send what {@link #due} says until
   * {@link #answered} names this boot.
   */
  public void stop() {
    if (stopped) {
      return;
    }
    stopped = true;
    underWay = null;
    notBefore = Long.MIN_VALUE;
    List<Counter> finals = new ArrayList<>();
    for (CountedChain chain : chains.values()) {
      finals.add(new Counter(chain.name(), chain.counter().value()));
    }
    closings.add(List.of(new Settled(boot, finals)), null, 0);
  }

  /**
   * The ledger closed this boot (409), or the clock jumped: admits nothing counted any more and
   * says nothing. Only a new boot can go on.
   */
  public void drop() {
    stopped = true;
    underWay = null;
    notBefore = Long.MAX_VALUE;
  }
}

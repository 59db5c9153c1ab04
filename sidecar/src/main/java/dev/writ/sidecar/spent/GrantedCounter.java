package dev.writ.sidecar.spent;

import dev.writ.contract.MalformedException;
import dev.writ.contract.quota.AllowanceAnswer;
import dev.writ.contract.quota.AllowanceRequest.Settled;
import dev.writ.contract.quota.CounterName;
import dev.writ.sidecar.allowance.Allowances;
import dev.writ.sidecar.allowance.Ask;
import dev.writ.sidecar.allowance.Counters;
import dev.writ.sidecar.allowance.SpentCounter;
import dev.writ.sidecar.count.Admission;
import dev.writ.sidecar.count.Admission.Admitted;
import dev.writ.sidecar.count.Block;
import dev.writ.sidecar.count.Counter;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The counter of cluster mode: spends what the ledger granted to this boot, in this boot's file.
 * One short lock, and nothing under it but memory, a mapped store, and at the start the naming of
 * what predecessors left. Thread-safe. (quota.md)
 */
public final class GrantedCounter implements Counter {
  private static final Logger LOG = LoggerFactory.getLogger(GrantedCounter.class);

  /** Chains that one boot can count; each takes 256 bytes of the file. */
  public static final int SLOTS = 1 << 13;

  /** When wall and monotonic clock part by more, the machine may have been set back. Seconds. */
  private static final long JUMP_SECONDS = 5;

  private static final long MILLIS = 1_000;

  /**
   * How often the ledger hears which boots of this pod are not lost: a request of one that is may
   * arrive after it was said.
   */
  private static final long RESTATE_MILLIS = 30_000;

  private final SpentDirectory directory;
  private final String boot;
  private final LongSupplier clock;
  private final Allowances allowances;
  private final Map<String, SpentCounter> counters = new HashMap<>();
  private final List<Runnable> waiting = new ArrayList<>();
  private final Set<String> settling = new LinkedHashSet<>();
  private Runnable wake = () -> {};
  private Runnable restart = () -> {};
  private long drift = Long.MIN_VALUE;
  private long restateAt = Long.MIN_VALUE;
  private boolean reached = true;
  private boolean stopped;
  private boolean settled;

  /**
   * Nothing is granted yet.
   *
   * @param boot that the directory was opened for
   * @param clock monotonic, milliseconds
   */
  public GrantedCounter(SpentDirectory directory, String boot, LongSupplier clock) {
    this.directory = directory;
    this.boot = boot;
    this.clock = clock;
    this.allowances = new Allowances(boot, new FileCounters());
    report();
  }

  /** Settles the boots before whose counters can be believed. */
  private void report() {
    List<Settled> ended = new ArrayList<>();
    for (Predecessor predecessor : directory.predecessors()) {
      switch (predecessor) {
        case Predecessor.Counted counted -> {
          List<dev.writ.contract.quota.AllowanceRequest.Counter> finals = counters(counted);
          if (finals != null) {
            ended.add(new Settled(counted.boot(), finals));
            settling.add(counted.boot());
          }
        }
        case Predecessor.Lost lost ->
            LOG.atError()
                .addKeyValue("boot", lost.boot())
                .addKeyValue("cause", lost.why())
                .log("Couldn't tell what a former process let through; all it had counts as used");
      }
    }
    allowances.predecessors(ended, null, clock.getAsLong());
  }

  /** Boots of this pod that are not lost; any other one is. */
  private List<String> known() {
    List<String> known = new ArrayList<>(directory.alive());
    known.add(boot);
    known.addAll(settling);
    return known;
  }

  private static @Nullable List<dev.writ.contract.quota.AllowanceRequest.Counter> counters(
      Predecessor.Counted counted) {
    List<dev.writ.contract.quota.AllowanceRequest.Counter> counters = new ArrayList<>();
    for (Map.Entry<String, Long> one : counted.spent().entrySet()) {
      try {
        counters.add(
            new dev.writ.contract.quota.AllowanceRequest.Counter(
                CounterName.parse(one.getKey()), one.getValue()));
      } catch (MalformedException e) {
        LOG.atError()
            .addKeyValue("boot", counted.boot())
            .addKeyValue("cause", e.getMessage())
            .log("Couldn't read the counters of a former process; all it had counts as used");
        return null;
      }
    }
    return counters;
  }

  /**
   * Who carries what is {@link #due} to the operator.
   *
   * @param wake something may be due; must not block
   * @param restart only a new boot can go on counting: ends this process; must not block
   */
  public synchronized void link(Runnable wake, Runnable restart) {
    this.wake = wake;
    this.restart = restart;
  }

  @Override
  public Admission spend(List<Block> blocks, long epochSeconds) {
    Admission admission;
    Runnable after = null;
    synchronized (this) {
      if (jumped(epochSeconds)) {
        stopped = true;
        allowances.drop();
        directory.lose();
        after = restart;
      }
      admission = allowances.spend(blocks, clock, epochSeconds);
      if (admission instanceof Admitted admitted) {
        admission = new Admitted(admitted.counted(), new Locked(admitted.place()));
      } else if (after == null) {
        after = wake;
      }
    }
    if (after != null) {
      after.run();
    }
    return admission;
  }

  /** Looked at before each call is counted, not by a timer: a clone would spend before it ticks. */
  private boolean jumped(long epochSeconds) {
    long now = epochSeconds - clock.getAsLong() / MILLIS;
    boolean jump = drift != Long.MIN_VALUE && Math.abs(now - drift) > JUMP_SECONDS && !stopped;
    drift = now;
    if (jump) {
      LOG.atError().log("The clock jumped: what was granted is given up, the process starts anew");
    }
    return jump;
  }

  @Override
  public synchronized boolean later(Runnable task) {
    if (stopped || !reached) {
      return false;
    }
    waiting.add(task);
    return true;
  }

  /** What has to be sent now, null for nothing; ask every 100 ms and when woken. */
  public synchronized @Nullable Ask due() {
    long now = clock.getAsLong();
    if (!stopped && now >= restateAt) {
      restateAt = now + RESTATE_MILLIS;
      allowances.predecessors(List.of(), known(), now);
    }
    return allowances.due(now);
  }

  /** An answer came. */
  public void answered(Ask ask, AllowanceAnswer answer) {
    List<Runnable> tasks;
    synchronized (this) {
      reached = true;
      for (String closed : allowances.answered(ask, answer, clock.getAsLong())) {
        if (closed.equals(boot)) {
          settled = true;
          directory.settledSelf();
        } else {
          settling.remove(closed);
          directory.settled(closed);
        }
      }
      if (ask.request().closing() != null && ask.request().closing().known() != null) {
        forgetLost();
      }
      tasks = woken();
    }
    tasks.forEach(Runnable::run);
  }

  /** The ledger has heard that they are lost. */
  private void forgetLost() {
    for (Predecessor predecessor : directory.predecessors()) {
      if (predecessor instanceof Predecessor.Lost) {
        directory.settled(predecessor.boot());
      }
    }
  }

  /** No answer came: whoever waits is told to try again later. */
  public void failed(Ask ask) {
    List<Runnable> tasks;
    synchronized (this) {
      reached = false;
      allowances.failed(ask, clock.getAsLong());
      tasks = woken();
    }
    tasks.forEach(Runnable::run);
  }

  /** The ledger closed this boot: nothing counted is admitted any more. */
  public void closed() {
    Runnable after;
    synchronized (this) {
      stopped = true;
      allowances.drop();
      after = restart;
    }
    after.run();
  }

  private List<Runnable> woken() {
    List<Runnable> tasks = List.copyOf(waiting);
    waiting.clear();
    return tasks;
  }

  /** Event {@code recall}. */
  public void recall(String cid) {
    Runnable after;
    synchronized (this) {
      allowances.recall(cid);
      after = wake;
    }
    after.run();
  }

  /** A capability may have been edited: what was final may not be any more. */
  public synchronized void reopen() {
    allowances.reopen();
  }

  /** SIGTERM: admits nothing counted from here on; what is due now settles this boot. */
  public void stop() {
    Runnable after;
    synchronized (this) {
      if (!stopped) {
        stopped = true;
        allowances.stop();
      }
      after = wake;
    }
    after.run();
  }

  /** Whether the ledger confirmed the settlement of this boot. */
  public synchronized boolean settled() {
    return settled;
  }

  /** Counters in use. */
  public synchronized int used() {
    return directory.own().used();
  }

  /** Boots before this one that are not settled yet. */
  public synchronized int unsettled() {
    return directory.predecessors().size();
  }

  /** Allowances are not thread-safe, and a place is left on the loop of its call. */
  private final class Locked implements Admission.Place {
    private final Admission.Place place;

    Locked(Admission.Place place) {
      this.place = place;
    }

    @Override
    public void leave() {
      synchronized (GrantedCounter.this) {
        place.leave();
      }
    }
  }

  private final class FileCounters implements Counters {
    @Override
    public @Nullable SpentCounter counter(CounterName name) {
      SpentCounter known = counters.get(name.text());
      if (known != null) {
        return known;
      }
      int slot = directory.own().take(name.text());
      if (slot == SpentFile.FULL) {
        return null;
      }
      SpentCounter made = new Slot(directory.own(), slot);
      counters.put(name.text(), made);
      return made;
    }
  }

  private record Slot(SpentFile file, int slot) implements SpentCounter {
    @Override
    public long value() {
      return file.spent(slot);
    }

    @Override
    public boolean raise(long value) {
      return file.raise(slot, value);
    }
  }
}

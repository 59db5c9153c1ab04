package dev.writ.simulation;

import dev.writ.contract.MalformedException;
import dev.writ.contract.quota.AllowanceRequest.Counter;
import dev.writ.contract.quota.AllowanceRequest.Settled;
import dev.writ.contract.quota.CounterName;
import dev.writ.sidecar.allowance.Counters;
import dev.writ.sidecar.allowance.SpentCounter;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The file of one boot: survives its process, not always its node. */
final class CounterFile implements Counters {
  private final World world;
  private final String boot;
  private final Map<String, Long> values = new LinkedHashMap<>();
  private Map<String, Long> beforeReboot = Map.of();
  private boolean missing;
  private boolean stale;
  private boolean torn;

  CounterFile(World world, String boot) {
    this.world = world;
    this.boot = boot;
  }

  @Override
  public SpentCounter counter(CounterName name) {
    if (world.bug() == Bug.TWO_COUNTERS_CRASH_BETWEEN) {
      split(name).forEach(part -> values.putIfAbsent(part, 0L));
    } else {
      values.putIfAbsent(name.text(), 0L);
    }
    return new SpentCounter() {
      private long raised;

      @Override
      public long value() {
        return world.bug() == Bug.TWO_COUNTERS_CRASH_BETWEEN
                || world.bug() == Bug.DEBIT_AFTER_FORWARD
            ? raised
            : values.get(name.text());
      }

      @Override
      public boolean raise(long value) {
        if (value() != value) {
          return false;
        }
        raised++;
        world.books().debited(boot, name.counted());
        if (world.bug() == Bug.TWO_COUNTERS_CRASH_BETWEEN) {
          List<String> parts = split(name);
          add(parts.getFirst());
          torn = parts.size() > 1 && world.random().nextInt(20) == 0;
          if (!torn) {
            parts.stream().skip(1).forEach(CounterFile.this::add);
          }
        } else if (world.bug() != Bug.DEBIT_AFTER_FORWARD) {
          add(name.text());
        }
        return true;
      }
    };
  }

  void add(String name) {
    values.merge(name, 1L, Long::sum);
  }

  /** Whether the process died between two counters of one call. */
  boolean torn() {
    return torn;
  }

  private static List<String> split(CounterName name) {
    List<String> parts = new ArrayList<>();
    for (String path : name.counted()) {
      boolean[] counts = new boolean[path.contains("/") ? 2 : 1];
      counts[counts.length - 1] = true;
      parts.add(CounterName.of(path, counts).text());
    }
    return parts;
  }

  /** The node went down: what was not written back is gone, or everything is. */
  void reboot(boolean gone) {
    Map<String, Long> older = new LinkedHashMap<>();
    values.forEach((name, value) -> older.put(name, world.random().nextLong(value + 1)));
    beforeReboot = older;
    stale = true;
    missing = gone;
  }

  void zero() {
    values.replaceAll((_, _) -> 0L);
  }

  /** What the next boot settles, null when it has to say that it is lost. */
  @Nullable Settled read() {
    Map<String, Long> found = values;
    if (missing && world.bug() == Bug.MISSING_FILE_MEANS_UNSPENT) {
      found = new LinkedHashMap<>(values);
      found.replaceAll((_, _) -> 0L);
    } else if (stale && world.bug() == Bug.FILE_TRUSTED_AFTER_REBOOT) {
      found = beforeReboot;
    } else if (stale || missing) {
      return null;
    }
    List<Counter> counters = new ArrayList<>();
    for (Map.Entry<String, Long> entry : found.entrySet()) {
      counters.add(new Counter(name(entry.getKey()), entry.getValue()));
    }
    return new Settled(boot, counters);
  }

  private static CounterName name(String text) {
    try {
      return CounterName.parse(text);
    } catch (MalformedException e) {
      throw new IllegalStateException(e);
    }
  }
}

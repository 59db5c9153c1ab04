package dev.writ.sidecar.allowance;

import dev.writ.contract.quota.CounterName;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Counters in plain memory, with a bound and a switch that makes the next raise fail. */
final class MemoryCounters implements Counters {
  final Map<String, Long> values = new LinkedHashMap<>();
  int room = Integer.MAX_VALUE;
  boolean failing;

  @Override
  public @Nullable SpentCounter counter(CounterName name) {
    if (!values.containsKey(name.text())) {
      if (values.size() >= room) {
        return null;
      }
      values.put(name.text(), 0L);
    }
    return new SpentCounter() {
      @Override
      public long value() {
        return values.get(name.text());
      }

      @Override
      public boolean raise(long value) {
        return !failing && values.replace(name.text(), value, value + 1);
      }
    };
  }
}

package dev.writ.sidecar.control;

import dev.writ.sidecar.journal.Backlog;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Records in memory, by the rules of the journal. */
final class MemoryBacklog implements Backlog {
  private final Map<String, List<String>> lines = new LinkedHashMap<>();
  private final Map<String, Long> acknowledged = new LinkedHashMap<>();
  private Runnable wake = () -> {};

  synchronized void append(String boot, int count) {
    List<String> all = lines.computeIfAbsent(boot, _ -> new ArrayList<>());
    for (int i = 0; i < count; i++) {
      all.add(
          "{\"boot\":\""
              + boot
              + "\",\"seq\":"
              + (all.size() + 1)
              + ",\"pad\":\""
              + "x".repeat(400)
              + "\"}");
    }
    wake.run();
  }

  @Override
  public synchronized List<String> boots() {
    return List.copyOf(lines.keySet());
  }

  @Override
  public synchronized List<String> pending(String boot, long after, int maxBytes) {
    List<String> batch = new ArrayList<>();
    int bytes = 0;
    for (String line : lines.get(boot).stream().skip(after).toList()) {
      bytes += line.length() + 1;
      if (bytes > maxBytes && !batch.isEmpty()) {
        break;
      }
      batch.add(line);
    }
    return batch;
  }

  @Override
  public synchronized long acknowledged(String boot) {
    return acknowledged.getOrDefault(boot, 0L);
  }

  @Override
  public synchronized void acknowledge(String boot, long seq) {
    acknowledged.merge(boot, seq, Math::max);
  }

  @Override
  public synchronized void onAppend(Runnable newWake) {
    wake = newWake;
  }
}

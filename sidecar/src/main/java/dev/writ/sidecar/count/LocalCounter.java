package dev.writ.sidecar.count;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.writ.contract.ErrorCode;
import dev.writ.sidecar.count.Admission.Admitted;
import dev.writ.sidecar.count.Admission.Counted;
import dev.writ.sidecar.count.Admission.Place;
import dev.writ.sidecar.count.Admission.Refused;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/**
 * Counts of this replica alone, kept in a mapped file. All blocks of a chain are tested before any
 * is raised, and the root is raised first: a death in between leaves an ancestor with a call too
 * many, never with one too few. One short lock, and nothing under it but stores to memory.
 */
public final class LocalCounter implements Counter, AutoCloseable {
  /** Counters that the file can hold; each is a cid path that was ever called with a limit. */
  static final int SLOTS = 1 << 16;

  private static final int FULL = -1;
  private static final int UNCOUNTED = -2;

  private final CounterFile file;
  private final Map<ByteBuffer, Integer> slotOfName = new HashMap<>();
  private final Map<String, Integer> slotOfPath = new HashMap<>();
  private final Map<String, Integer> inFlight = new HashMap<>();
  private int free;

  private LocalCounter(CounterFile file) {
    this.file = file;
    for (int used = file.used(); free < used; free++) {
      slotOfName.put(ByteBuffer.wrap(file.name(free)), free);
    }
  }

  /**
   * Opens the counters.
   *
   * @param path the file; made if {@code fresh}
   * @param fresh whether the state directory was never used: only then may counts start from zero
   * @throws IOException with a one-line message naming the file
   */
  public static LocalCounter open(Path path, boolean fresh) throws IOException {
    return open(path, fresh, SLOTS);
  }

  static LocalCounter open(Path path, boolean fresh, int slots) throws IOException {
    try {
      if (fresh && Files.notExists(path)) {
        CounterFile.create(path, slots);
      }
      if (Files.notExists(path)) {
        throw new IOException(
            "it is missing though the state directory was in use; counts would start again from"
                + " zero");
      }
      return new LocalCounter(CounterFile.open(path));
    } catch (IOException e) {
      throw new IOException("couldn't open the counters " + path + ": " + e.getMessage(), e);
    }
  }

  @Override
  public synchronized Admission spend(List<Block> blocks, long epochSeconds) {
    Refused refused = concurrency(blocks);
    if (refused != null) {
      return refused;
    }
    int[] slots = new int[blocks.size()];
    for (int i = 0; i < slots.length; i++) {
      slots[i] = slot(blocks.get(i));
      if (slots[i] == FULL) {
        return new Refused(ErrorCode.QUOTA_UNAVAILABLE, null, null, null);
      }
    }
    for (int i = 0; i < slots.length && refused == null; i++) {
      refused = rate(blocks.get(i), slots[i], epochSeconds);
    }
    for (int i = 0; i < slots.length && refused == null; i++) {
      refused = calls(blocks.get(i), slots[i]);
    }
    return refused == null ? admit(blocks, slots, epochSeconds) : refused;
  }

  /** What is not here now comes from nowhere. */
  @Override
  public boolean later(Runnable task) {
    return false;
  }

  private @Nullable Refused concurrency(List<Block> blocks) {
    for (Block block : blocks) {
      Integer limit = block.concurrent();
      int now = inFlight.getOrDefault(block.path(), 0);
      if (limit != null && now >= limit) {
        return new Refused(ErrorCode.TOO_MANY_CONCURRENT, (long) limit, (long) now, null);
      }
    }
    return null;
  }

  private @Nullable Refused rate(Block block, int slot, long epochSeconds) {
    Block.Window rate = block.rate();
    if (rate == null) {
      return null;
    }
    long start = windowStart(rate, slot, epochSeconds);
    long used = start == file.window(slot) ? file.inWindow(slot) : 0;
    return used < rate.calls()
        ? null
        : new Refused(ErrorCode.RATE_LIMITED, rate.calls(), used, start + rate.seconds());
  }

  // A clock that went back must not open an old window again.
  private long windowStart(Block.Window rate, int slot, long epochSeconds) {
    return Math.max(epochSeconds - Math.floorMod(epochSeconds, rate.seconds()), file.window(slot));
  }

  private @Nullable Refused calls(Block block, int slot) {
    Long limit = block.calls();
    if (limit == null || file.calls(slot) < limit) {
      return null;
    }
    return new Refused(ErrorCode.QUOTA_EXHAUSTED, limit, file.calls(slot), null);
  }

  private Admitted admit(List<Block> blocks, int[] slots, long epochSeconds) {
    List<Counted> counted = new ArrayList<>();
    for (int i = 0; i < slots.length; i++) {
      Block block = blocks.get(i);
      Block.Window rate = block.rate();
      if (rate != null) {
        long start = windowStart(rate, slots[i], epochSeconds);
        file.window(
            slots[i], start, start == file.window(slots[i]) ? file.inWindow(slots[i]) + 1 : 1);
      }
      Long limit = block.calls();
      if (limit != null) {
        long used = file.calls(slots[i]) + 1;
        file.calls(slots[i], used);
        counted.add(new Counted(block.cid(), limit, used));
      }
    }
    return new Admitted(counted, enter(blocks));
  }

  private Place enter(List<Block> blocks) {
    List<String> paths =
        blocks.stream().filter(block -> block.concurrent() != null).map(Block::path).toList();
    if (paths.isEmpty()) {
      return () -> {};
    }
    paths.forEach(path -> inFlight.merge(path, 1, Integer::sum));
    AtomicBoolean left = new AtomicBoolean();
    return () -> {
      if (left.compareAndSet(false, true)) {
        leave(paths);
      }
    };
  }

  private synchronized void leave(List<String> paths) {
    paths.forEach(path -> inFlight.computeIfPresent(path, (_, now) -> now == 1 ? null : now - 1));
  }

  private int slot(Block block) {
    if (block.calls() == null && block.rate() == null) {
      return UNCOUNTED;
    }
    Integer known = slotOfPath.get(block.path());
    if (known != null) {
      return known;
    }
    byte[] name = sha256(block.path());
    Integer slot = slotOfName.get(ByteBuffer.wrap(name));
    if (slot == null) {
      if (free == file.slots()) {
        return FULL;
      }
      slot = free++;
      file.take(slot, name);
      slotOfName.put(ByteBuffer.wrap(name), slot);
    }
    slotOfPath.put(block.path(), slot);
    return slot;
  }

  private static byte[] sha256(String text) {
    try {
      return MessageDigest.getInstance("SHA-256").digest(text.getBytes(UTF_8));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("the JDK has no SHA-256", e);
    }
  }

  /** Counters in use; at {@link #capacity} a new path is refused. */
  public synchronized int used() {
    return free;
  }

  /** Counters that fit. */
  public int capacity() {
    return file.slots();
  }

  @Override
  public synchronized void close() {
    file.close();
  }
}

package dev.writ.sidecar.spent;

import static java.nio.charset.StandardCharsets.US_ASCII;

import dev.writ.contract.quota.CounterName;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;

/**
 * The counters of one boot in mapped memory, one for each chain: a raised counter survives the
 * death of the process from the moment it is raised. (quota.md, Crashes)
 *
 * <p>Layout, little-endian: a head of 256 bytes (magic 16, slots 8, boot 16, pod UID 64, kernel
 * boot id 64, the two padded with zeros), then slots of 256 bytes: spent 8, length of the name 8,
 * name. The length is stored last, so a slot whose making was interrupted is still free.
 */
final class SpentFile implements AutoCloseable {
  /** Longest name of a counter. */
  static final int MAX_NAME = CounterName.MAX_LENGTH;

  /** What {@link #take} says when every slot is taken. */
  static final int FULL = -1;

  private static final byte[] MAGIC = "writ spent v1\n\n\n".getBytes(US_ASCII);
  private static final int HEAD = 256;
  private static final int SLOT = 256;
  private static final int AT_SLOTS = 16;
  private static final int AT_BOOT = 24;
  private static final int AT_POD = 40;
  private static final int AT_KERNEL = 104;
  private static final int TEXT = 64;
  private static final long SPENT = 0;
  private static final long LENGTH = 8;
  private static final long NAME = 16;
  private static final VarHandle LONG =
      ValueLayout.JAVA_LONG.withOrder(ByteOrder.LITTLE_ENDIAN).varHandle();

  private final Arena arena;
  private final MemorySegment memory;
  private final int slots;
  private int free;

  private SpentFile(Arena arena, MemorySegment memory, int slots) {
    this.arena = arena;
    this.memory = memory;
    this.slots = slots;
  }

  /**
   * What a file says that nobody writes any more.
   *
   * @param spent calls by name of the counter
   */
  record Content(Origin origin, Map<String, Long> spent) {
    Content {
      spent = Map.copyOf(spent);
    }
  }

  /**
   * Makes the file full of zeros (a hole would fault on a full disk at the first store into it),
   * has it reach the disk with its name, and maps it.
   *
   * @param slots how many counters it can hold
   */
  static SpentFile create(Path path, Origin origin, int slots) throws IOException {
    Path young = path.resolveSibling(path.getFileName() + ".new");
    try (FileChannel file =
        FileChannel.open(
            young,
            StandardOpenOption.CREATE,
            StandardOpenOption.TRUNCATE_EXISTING,
            StandardOpenOption.READ,
            StandardOpenOption.WRITE)) {
      writeAll(file, head(origin, slots));
      ByteBuffer zeros = ByteBuffer.allocate(1 << 16);
      for (long left = (long) slots * SLOT; left > 0; left -= zeros.limit()) {
        zeros.clear().limit((int) Math.min(zeros.capacity(), left));
        writeAll(file, zeros);
      }
      file.force(true);
      Files.move(young, path, StandardCopyOption.ATOMIC_MOVE);
      try (FileChannel directory =
          FileChannel.open(Objects.requireNonNull(path.getParent()), StandardOpenOption.READ)) {
        directory.force(true);
      }
      Arena arena = Arena.ofShared();
      return new SpentFile(
          arena, file.map(FileChannel.MapMode.READ_WRITE, 0, file.size(), arena), slots);
    }
  }

  private static ByteBuffer head(Origin origin, int slots) {
    return ByteBuffer.allocate(HEAD)
        .order(ByteOrder.LITTLE_ENDIAN)
        .put(MAGIC)
        .putLong(slots)
        .put(AT_BOOT, origin.boot().getBytes(US_ASCII))
        .put(AT_POD, origin.podUid().getBytes(US_ASCII))
        .put(AT_KERNEL, origin.kernelBoot().getBytes(US_ASCII))
        .position(0);
  }

  private static void writeAll(FileChannel file, ByteBuffer bytes) throws IOException {
    while (bytes.hasRemaining()) {
      file.write(bytes);
    }
  }

  /**
   * Reads what a process left that is dead.
   *
   * @throws IOException when it is missing, short or anything else than such a file: then what it
   *     counted is lost
   */
  static Content read(Path path) throws IOException {
    ByteBuffer bytes = ByteBuffer.wrap(Files.readAllBytes(path)).order(ByteOrder.LITTLE_ENDIAN);
    if (bytes.limit() < HEAD
        || !Arrays.equals(bytes.array(), 0, MAGIC.length, MAGIC, 0, MAGIC.length)
        || bytes.getLong(AT_SLOTS) < 1
        || bytes.limit() != HEAD + Math.multiplyExact(bytes.getLong(AT_SLOTS), (long) SLOT)) {
      throw new IOException("it is damaged");
    }
    Map<String, Long> spent = new LinkedHashMap<>();
    for (int at = HEAD; at < bytes.limit(); at += SLOT) {
      long length = bytes.getLong(at + (int) LENGTH);
      if (length == 0) {
        continue;
      }
      long count = bytes.getLong(at);
      if (length < 0 || length > MAX_NAME || count < 0) {
        throw new IOException("it is damaged");
      }
      String name = new String(bytes.array(), at + (int) NAME, (int) length, US_ASCII);
      if (spent.putIfAbsent(name, count) != null) {
        throw new IOException("it is damaged");
      }
    }
    try {
      return new Content(
          new Origin(text(bytes, AT_BOOT, 16), text(bytes, AT_POD, TEXT), kernel(bytes)), spent);
    } catch (IllegalArgumentException e) {
      throw new IOException("it is damaged: " + e.getMessage(), e);
    }
  }

  private static String kernel(ByteBuffer bytes) {
    return text(bytes, AT_KERNEL, TEXT);
  }

  private static String text(ByteBuffer bytes, int at, int length) {
    int end = at;
    while (end < at + length && bytes.get(end) != 0) {
      end++;
    }
    byte[] text = new byte[end - at];
    bytes.get(at, text);
    return new String(text, US_ASCII);
  }

  /** Takes a slot for a counter that has none; {@link #FULL} when none is free. Not thread-safe. */
  int take(String counter) {
    byte[] name = counter.getBytes(US_ASCII);
    if (name.length == 0 || name.length > MAX_NAME) {
      throw new IllegalArgumentException("a name is 1 to " + MAX_NAME + " characters");
    }
    if (free == slots) {
      return FULL;
    }
    MemorySegment.copy(name, 0, memory, ValueLayout.JAVA_BYTE, at(free, NAME), name.length);
    LONG.setRelease(memory, at(free, LENGTH), (long) name.length);
    return free++;
  }

  /** Calls counted in a slot. */
  long spent(int slot) {
    return (long) LONG.getAcquire(memory, at(slot, SPENT));
  }

  /**
   * Counts one call, if exactly {@code before} were counted. Not by adding: an add that came too
   * late would eat what is granted next.
   */
  boolean raise(int slot, long before) {
    return LONG.compareAndSet(memory, at(slot, SPENT), before, before + 1);
  }

  /** Slots in use. */
  int used() {
    return free;
  }

  private static long at(int slot, long field) {
    return HEAD + (long) slot * SLOT + field;
  }

  @Override
  public void close() {
    arena.close();
  }
}

package dev.writ.sidecar.count;

import static java.nio.charset.StandardCharsets.US_ASCII;

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

/**
 * Slots of counters in mapped memory: a store survives the death of the process from the moment it
 * is made. Each slot is named by the SHA-256 of a counter path. Not thread-safe. (quota.md,
 * Crashes)
 *
 * <p>Layout, little-endian: 64 bytes of head (magic 16, slots 4, from 24 on how many are taken 8),
 * then slots of 64 bytes: name 32, calls 8, window start 8, calls in the window 8, taken 8. {@code
 * taken} is stored last, so a slot whose making was interrupted is still free; the head's number
 * comes after it, so fewer slots than that are what a file system left of them when the power went.
 */
final class CounterFile implements AutoCloseable {
  private static final byte[] MAGIC = "writ counters 1\n".getBytes(US_ASCII);
  private static final int HEAD = 64;
  private static final long USED = 24;
  private static final int SLOT = 64;
  private static final int NAME_BYTES = 32;
  private static final long CALLS = 32;
  private static final long WINDOW = 40;
  private static final long IN_WINDOW = 48;
  private static final long TAKEN = 56;
  private static final VarHandle LONG =
      ValueLayout.JAVA_LONG.withOrder(ByteOrder.LITTLE_ENDIAN).varHandle();

  private final Arena arena;
  private final MemorySegment memory;
  private final int slots;

  private CounterFile(Arena arena, MemorySegment memory, int slots) {
    this.arena = arena;
    this.memory = memory;
    this.slots = slots;
  }

  /**
   * Makes the file full of zeros: not by a hole, which would fault on a full disk at the first
   * store into it.
   *
   * @param slots how many counters it can hold
   */
  static void create(Path path, int slots) throws IOException {
    Path young = path.resolveSibling(path.getFileName() + ".new");
    try (FileChannel file =
        FileChannel.open(
            young,
            StandardOpenOption.CREATE,
            StandardOpenOption.TRUNCATE_EXISTING,
            StandardOpenOption.WRITE)) {
      writeAll(
          file,
          ByteBuffer.allocate(HEAD)
              .order(ByteOrder.LITTLE_ENDIAN)
              .put(MAGIC)
              .putInt(slots)
              .position(0));
      ByteBuffer zeros = ByteBuffer.allocate(1 << 16);
      for (long left = (long) slots * SLOT; left > 0; left -= zeros.limit()) {
        zeros.clear().limit((int) Math.min(zeros.capacity(), left));
        writeAll(file, zeros);
      }
      file.force(true);
    }
    Files.move(young, path, StandardCopyOption.ATOMIC_MOVE);
  }

  private static void writeAll(FileChannel file, ByteBuffer bytes) throws IOException {
    while (bytes.hasRemaining()) {
      file.write(bytes);
    }
  }

  /**
   * Maps the file.
   *
   * @throws IOException when it cannot be read, or is not whole: counts must not start again from
   *     zero
   */
  static CounterFile open(Path path) throws IOException {
    try (FileChannel file =
        FileChannel.open(path, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
      ByteBuffer head = ByteBuffer.allocate(HEAD).order(ByteOrder.LITTLE_ENDIAN);
      file.read(head, 0);
      int slots = head.getInt(MAGIC.length);
      byte[] magic = Arrays.copyOf(head.array(), MAGIC.length);
      if (!Arrays.equals(magic, MAGIC) || slots < 1 || file.size() != HEAD + (long) slots * SLOT) {
        throw new IOException("it is damaged");
      }
      Arena arena = Arena.ofShared();
      CounterFile counters =
          new CounterFile(
              arena, file.map(FileChannel.MapMode.READ_WRITE, 0, file.size(), arena), slots);
      if (counters.used() < head.getLong((int) USED)) {
        arena.close();
        throw new IOException("it is damaged: counters are gone");
      }
      return counters;
    }
  }

  /** How many slots are taken, one after the other. */
  int used() {
    int used = 0;
    while (used < slots && get(used, TAKEN) != 0) {
      used++;
    }
    return used;
  }

  int slots() {
    return slots;
  }

  /** The name in a slot that is taken. */
  byte[] name(int slot) {
    return memory.asSlice(at(slot, 0), NAME_BYTES).toArray(ValueLayout.JAVA_BYTE);
  }

  /** Takes a free slot. */
  void take(int slot, byte[] name) {
    MemorySegment.copy(name, 0, memory, ValueLayout.JAVA_BYTE, at(slot, 0), NAME_BYTES);
    set(slot, CALLS, 0);
    set(slot, WINDOW, 0);
    set(slot, IN_WINDOW, 0);
    set(slot, TAKEN, 1);
    LONG.setRelease(memory, USED, slot + 1L);
  }

  long calls(int slot) {
    return get(slot, CALLS);
  }

  void calls(int slot, long value) {
    set(slot, CALLS, value);
  }

  /** Start of the window that {@link #inWindow} counts, epoch seconds. */
  long window(int slot) {
    return get(slot, WINDOW);
  }

  long inWindow(int slot) {
    return get(slot, IN_WINDOW);
  }

  /**
   * Start first: a death between the two stores leaves the new window with too many calls, never
   * with too few.
   */
  void window(int slot, long start, long count) {
    set(slot, WINDOW, start);
    set(slot, IN_WINDOW, count);
  }

  private long get(int slot, long field) {
    return (long) LONG.getAcquire(memory, at(slot, field));
  }

  private void set(int slot, long field, long value) {
    LONG.setRelease(memory, at(slot, field), value);
  }

  private static long at(int slot, long field) {
    return HEAD + (long) slot * SLOT + field;
  }

  @Override
  public void close() {
    arena.close();
  }
}

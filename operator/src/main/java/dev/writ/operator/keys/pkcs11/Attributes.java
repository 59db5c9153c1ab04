package dev.writ.operator.keys.pkcs11;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;

/** An array of CK_ATTRIBUTE (type, pointer, length), filled one after the other. */
final class Attributes {
  static final long CLASS = 0x0;
  static final long TOKEN = 0x1;
  static final long PRIVATE = 0x2;
  static final long LABEL = 0x3;
  static final long KEY_TYPE = 0x100;
  static final long ID = 0x102;
  static final long SENSITIVE = 0x103;
  static final long SIGN = 0x108;
  static final long VERIFY = 0x10A;
  static final long EXTRACTABLE = 0x162;
  static final long EC_PARAMS = 0x180;
  static final long EC_POINT = 0x181;

  private static final int MAX = 12;
  private static final int WORDS = 3;

  private final Arena arena;
  private final MemorySegment segment;
  private int size;

  Attributes(Arena arena) {
    this.arena = arena;
    segment = arena.allocate(ValueLayout.JAVA_LONG, (long) MAX * WORDS);
  }

  MemorySegment segment() {
    return segment;
  }

  int size() {
    return size;
  }

  Attributes with(long type, long value) {
    return add(type, arena.allocateFrom(ValueLayout.JAVA_LONG, value), Long.BYTES);
  }

  Attributes with(long type, boolean value) {
    return add(type, arena.allocateFrom(ValueLayout.JAVA_BYTE, (byte) (value ? 1 : 0)), 1);
  }

  Attributes with(long type, String value) {
    return with(type, value.getBytes(StandardCharsets.UTF_8));
  }

  Attributes with(long type, byte[] value) {
    return add(type, arena.allocateFrom(ValueLayout.JAVA_BYTE, value), value.length);
  }

  /** Room for an answer. */
  Attributes room(long type, int bytes) {
    return add(type, arena.allocate(bytes), bytes);
  }

  /** What was answered into the only attribute. */
  byte[] answer() {
    long length = segment.getAtIndex(ValueLayout.JAVA_LONG, 2);
    return room.asSlice(0, length).toArray(ValueLayout.JAVA_BYTE);
  }

  private MemorySegment room = MemorySegment.NULL;

  private Attributes add(long type, MemorySegment value, int length) {
    long at = (long) size * WORDS;
    segment.setAtIndex(ValueLayout.JAVA_LONG, at, type);
    segment.setAtIndex(ValueLayout.ADDRESS, at + 1, value);
    segment.setAtIndex(ValueLayout.JAVA_LONG, at + 2, length);
    room = value;
    size++;
    return this;
  }
}

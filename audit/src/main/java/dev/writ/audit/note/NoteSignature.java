package dev.writ.audit.note;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Base64;
import org.jspecify.annotations.Nullable;

/** One signature line of a note. */
public final class NoteSignature {
  static final String DASH = "\u2014 ";

  private final String name;
  private final int id;
  private final byte[] bytes;

  NoteSignature(String name, int id, byte[] bytes) {
    this.name = name;
    this.id = id;
    this.bytes = bytes.clone();
  }

  /** Whose signature it claims to be. */
  public String name() {
    return name;
  }

  /** Whether it claims to be by that key. */
  boolean claims(VerifierKey key) {
    return id == key.id() && name.equals(key.name());
  }

  /** What follows the key id. */
  byte[] bytes() {
    return bytes.clone();
  }

  /** The line, with its line feed. */
  String line() {
    byte[] all = ByteBuffer.allocate(Integer.BYTES + bytes.length).putInt(id).put(bytes).array();
    return DASH + name + " " + Base64.getEncoder().encodeToString(all) + "\n";
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof NoteSignature that
        && id == that.id
        && name.equals(that.name)
        && Arrays.equals(bytes, that.bytes);
  }

  @Override
  public int hashCode() {
    return id;
  }

  @Override
  public String toString() {
    return line().stripTrailing();
  }
}

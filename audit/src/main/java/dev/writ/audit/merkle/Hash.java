package dev.writ.audit.merkle;

import dev.writ.contract.Digests;
import dev.writ.contract.MalformedException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Base64;
import org.jspecify.annotations.Nullable;

/**
 * A SHA-256 hash in the tree, and how leaves and nodes are hashed (RFC 6962, section 2.1).
 * Immutable.
 */
public final class Hash {
  /** Length, bytes. */
  public static final int LENGTH = 32;

  /** Root of the tree without entries. */
  public static final Hash EMPTY_ROOT = new Hash(Digests.sha256(new byte[0]));

  private static final byte LEAF = 0;
  private static final byte NODE = 1;

  private final byte[] bytes;

  private Hash(byte[] bytes) {
    this.bytes = bytes;
  }

  /** The hash of an entry. */
  public static Hash leaf(byte[] entry) {
    byte[] input = new byte[1 + entry.length];
    input[0] = LEAF;
    System.arraycopy(entry, 0, input, 1, entry.length);
    return new Hash(Digests.sha256(input));
  }

  /** The hash of two subtrees side by side. */
  public static Hash node(Hash left, Hash right) {
    byte[] input = new byte[1 + 2 * LENGTH];
    input[0] = NODE;
    left.copyTo(input, 1);
    right.copyTo(input, 1 + LENGTH);
    return new Hash(Digests.sha256(input));
  }

  /** The 32 bytes at {@code offset}, copied. */
  public static Hash at(byte[] source, int offset) {
    return new Hash(Arrays.copyOfRange(source, offset, offset + LENGTH));
  }

  /**
   * A hash as it stands in checkpoints and proofs.
   *
   * @throws MalformedException when it is not the one base64 spelling of 32 bytes
   */
  public static Hash fromBase64(String text) throws MalformedException {
    try {
      byte[] decoded = Base64.getDecoder().decode(text.getBytes(StandardCharsets.ISO_8859_1));
      if (decoded.length == LENGTH && Base64.getEncoder().encodeToString(decoded).equals(text)) {
        return new Hash(decoded);
      }
    } catch (IllegalArgumentException e) {
      throw new MalformedException("hash: not base64");
    }
    throw new MalformedException("hash: not the base64 of 32 bytes");
  }

  /** Writes the 32 bytes to {@code target} at {@code offset}. */
  void copyTo(byte[] target, int offset) {
    System.arraycopy(bytes, 0, target, offset, LENGTH);
  }

  /** The 32 bytes, a copy. */
  public byte[] bytes() {
    return bytes.clone();
  }

  /** The spelling of checkpoints and proofs: base64 with padding. */
  public String toBase64() {
    return Base64.getEncoder().encodeToString(bytes);
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof Hash that && Arrays.equals(bytes, that.bytes);
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(bytes);
  }

  @Override
  public String toString() {
    return toBase64();
  }
}

package dev.writ.contract.verify;

import dev.writ.contract.Digests;
import java.util.Arrays;

/** HMAC-SHA-256 under one key (RFC 2104). Thread-safe, without state per call. */
final class Hmac {
  private static final int BLOCK = 64;
  private static final int HASH = 32;

  private final byte[] inner = new byte[BLOCK];
  private final byte[] outer = new byte[BLOCK];

  /** The key is at most 64 bytes. */
  Hmac(byte[] key) {
    byte[] padded = Arrays.copyOf(key, BLOCK);
    for (int i = 0; i < BLOCK; i++) {
      inner[i] = (byte) (padded[i] ^ 0x36);
      outer[i] = (byte) (padded[i] ^ 0x5c);
    }
  }

  /** Of the first bytes, 32 bytes. */
  byte[] of(byte[] message, int length) {
    byte[] first = Arrays.copyOf(inner, BLOCK + length);
    System.arraycopy(message, 0, first, BLOCK, length);
    byte[] second = Arrays.copyOf(outer, BLOCK + HASH);
    System.arraycopy(Digests.sha256(first), 0, second, BLOCK, HASH);
    return Digests.sha256(second);
  }

  /** Never the key. */
  @Override
  public String toString() {
    return "Hmac";
  }
}

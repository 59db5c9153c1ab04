package dev.writ.audit.merkle;

import dev.writ.contract.MalformedException;
import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Entries as they are served: each behind its length, a big-endian 16-bit integer (C2SP tlog-tiles,
 * Log entries).
 */
public final class EntryBundle {
  /** Longest entry, bytes. */
  public static final int MAX_ENTRY = 0xffff;

  private EntryBundle() {}

  /** The bytes of a bundle. */
  public static byte[] encode(List<byte[]> entries) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    for (byte[] entry : entries) {
      if (entry.length > MAX_ENTRY) {
        throw new IllegalArgumentException(
            "an entry has " + entry.length + " bytes, more than " + MAX_ENTRY);
      }
      out.write(entry.length >>> 8);
      out.write(entry.length);
      out.writeBytes(entry);
    }
    return out.toByteArray();
  }

  /**
   * The entries of a bundle.
   *
   * @throws MalformedException when the last one is not whole; the message says which, counted from
   *     0
   */
  public static List<byte[]> decode(byte[] bundle) throws MalformedException {
    List<byte[]> entries = new ArrayList<>();
    int at = 0;
    while (at < bundle.length) {
      int end = at + 2 > bundle.length ? Integer.MAX_VALUE : at + 2 + length(bundle, at);
      if (end > bundle.length) {
        throw new MalformedException("entry " + entries.size() + " of the bundle is cut off");
      }
      entries.add(Arrays.copyOfRange(bundle, at + 2, end));
      at = end;
    }
    return entries;
  }

  private static int length(byte[] bundle, int at) {
    return (bundle[at] & 0xff) << 8 | (bundle[at + 1] & 0xff);
  }
}

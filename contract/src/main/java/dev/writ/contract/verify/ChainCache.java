package dev.writ.contract.verify;

import dev.writ.contract.Digests;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Verified chains by the SHA-256 of the two header values, until their first {@code exp}; least
 * recently used go first. Bounded by the bytes of the headers. Thread-safe. Belongs to one trust
 * bundle.
 */
final class ChainCache {
  private final long capacity;
  private final LinkedHashMap<Key, Entry> entries = new LinkedHashMap<>(64, 0.75f, true);
  private long size;

  /** {@code capacity}: total length of the header values, bytes. */
  ChainCache(long capacity) {
    this.capacity = capacity;
  }

  /** SHA-256 of the contract and of the identities (zeros when there are none). */
  static final class Key {
    private final byte[] digests;

    private Key(byte[] digests) {
      this.digests = digests;
    }

    static Key of(String contract, @Nullable String identities) {
      byte[] digests = Arrays.copyOf(Digests.sha256(contract), 64);
      if (identities != null) {
        System.arraycopy(Digests.sha256(identities), 0, digests, 32, 32);
      }
      return new Key(digests);
    }

    @Override
    public boolean equals(@Nullable Object other) {
      return other instanceof Key that && Arrays.equals(digests, that.digests);
    }

    /** The digest is uniform: four of its bytes do. */
    @Override
    public int hashCode() {
      return digests[0] << 24
          | (digests[1] & 0xff) << 16
          | (digests[32] & 0xff) << 8
          | (digests[2] & 0xff);
    }
  }

  private record Entry(Chain chain, long bytes) {}

  synchronized @Nullable Chain get(Key key, Moment now) {
    Entry entry = entries.get(key);
    if (entry == null) {
      return null;
    }
    if (now.epochSeconds() >= entry.chain.firstExpiry()) {
      entries.remove(key);
      size -= entry.bytes;
      return null;
    }
    return entry.chain;
  }

  synchronized void put(Key key, Chain chain, long bytes, Moment now) {
    if (now.epochSeconds() >= chain.firstExpiry() || entries.containsKey(key)) {
      return;
    }
    entries.put(key, new Entry(chain, bytes));
    size += bytes;
    var oldest = entries.entrySet().iterator();
    while (size > capacity && oldest.hasNext()) {
      Map.Entry<Key, Entry> entry = oldest.next();
      size -= entry.getValue().bytes;
      oldest.remove();
    }
  }

  synchronized int count() {
    return entries.size();
  }
}

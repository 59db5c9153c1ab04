package dev.writ.audit.log;

import dev.writ.audit.merkle.EntryBundle;
import dev.writ.audit.merkle.Hash;
import dev.writ.audit.merkle.Subtrees;
import dev.writ.audit.merkle.TileName;
import dev.writ.contract.MalformedException;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * Tiles and entries of a tree of one size. Checks their shape only: what is built from them is to
 * be compared with a signed root. A partial tile that is gone is read from the full one. Not
 * thread-safe; holds at most {@value #KEPT} tiles.
 */
public final class TileReader implements Subtrees {
  private static final int KEPT = 64;

  private final LogSource source;
  private final long size;
  private final long first;
  private final Map<TileName, byte[]> tiles =
      new LinkedHashMap<>(KEPT, 0.75f, true) {
        private static final long serialVersionUID = 1;

        @Override
        protected boolean removeEldestEntry(Map.Entry<TileName, byte[]> eldest) {
          return size() > KEPT;
        }
      };

  public TileReader(LogSource source, long size) {
    this(source, size, 0);
  }

  /**
   * Of a log whose older entries were taken out.
   *
   * @param first index of the first entry that is there; {@link #each} begins with it
   */
  TileReader(LogSource source, long size, long first) {
    this.source = source;
    this.size = size;
    this.first = first;
  }

  /** Index of the first entry that is there. */
  public long first() {
    return first;
  }

  @Override
  public Hash at(int level, long index) throws IOException {
    int within = level % TileName.HEIGHT;
    long first = index << within;
    byte[] tile = hashes(TileName.in(size, level / TileName.HEIGHT, first / TileName.FULL));
    return subtree(tile, (int) (first % TileName.FULL), 1 << within);
  }

  private static Hash subtree(byte[] tile, int first, int count) {
    if (count == 1) {
      return Hash.at(tile, first * Hash.LENGTH);
    }
    int half = count / 2;
    return Hash.node(subtree(tile, first, half), subtree(tile, first + half, half));
  }

  /**
   * The hashes of a tile, one after the other, at least as many as its name says.
   *
   * @throws FileNotFoundException when it is missing
   * @throws IOException when it is not whole, or can't be read
   */
  public byte[] hashes(TileName name) throws IOException {
    byte[] known = tiles.get(name);
    if (known == null) {
      Stored stored = stored(name);
      known = stored.bytes;
      if (known.length != stored.name.width() * Hash.LENGTH) {
        throw new IOException(stored.name.path() + " has " + known.length + " bytes");
      }
      tiles.put(name, known);
    }
    return known;
  }

  /**
   * The entries of a bundle, exactly as many as its name says.
   *
   * @throws FileNotFoundException when it is missing
   * @throws IOException when it is not whole, or can't be read
   */
  public List<byte[]> entries(long bundle) throws IOException {
    TileName name = TileName.in(size, TileName.ENTRIES, bundle);
    Stored stored = stored(name);
    try {
      List<byte[]> entries = EntryBundle.decode(stored.bytes);
      if (entries.size() != stored.name.width()) {
        throw new IOException(stored.name.path() + " has " + entries.size() + " entries");
      }
      return entries.subList(0, name.width());
    } catch (MalformedException e) {
      throw new IOException(stored.name.path() + ": " + e.getMessage(), e);
    }
  }

  /** What is stored in a tile's place, under its own name or that of the full one. */
  private static final class Stored {
    final TileName name;
    final byte[] bytes;

    Stored(TileName name, byte[] bytes) {
      this.name = name;
      this.bytes = bytes;
    }
  }

  private Stored stored(TileName name) throws IOException {
    byte[] bytes = source.read(name.path());
    if (bytes != null) {
      return new Stored(name, bytes);
    }
    byte[] full = name.width() == TileName.FULL ? null : source.read(name.full().path());
    if (full == null) {
      throw new FileNotFoundException(name.path() + " is missing");
    }
    return new Stored(name.full(), full);
  }

  /** Takes one entry. */
  @FunctionalInterface
  public interface Visitor {
    /** The entry at that index, counted from 0. */
    void entry(long index, byte[] entry) throws IOException;
  }

  /**
   * Reads all entries that are there from that index on, in order, one bundle in memory at a time.
   *
   * @throws IOException when a bundle is missing or not whole, or the visitor throws it
   */
  public void each(long from, Visitor visitor) throws IOException {
    for (long bundle = Math.max(from, first) / TileName.FULL;
        bundle * TileName.FULL < size;
        bundle++) {
      long index = bundle * TileName.FULL;
      for (byte[] entry : entries(bundle)) {
        if (index >= from) {
          visitor.entry(index, entry);
        }
        index++;
      }
    }
  }

  /**
   * One entry.
   *
   * @throws IOException when its bundle is missing or not whole
   */
  public byte[] entry(long index) throws IOException {
    return entries(Objects.checkIndex(index, size) / TileName.FULL)
        .get((int) (index % TileName.FULL));
  }

  /** Number of entries. */
  public long size() {
    return size;
  }
}

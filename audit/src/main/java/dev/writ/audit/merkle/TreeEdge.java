package dev.writ.audit.merkle;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/**
 * The right edge of a growing tree: the hashes of its partial tiles, which is all that the root and
 * every further tile depend on. At most 255 hashes per level. Not thread-safe.
 */
public final class TreeEdge {
  private final List<List<Hash>> levels;
  private long size;

  private TreeEdge(long size, List<List<Hash>> levels) {
    this.size = size;
    this.levels = levels;
  }

  /** A tile or a bundle with its bytes. */
  public static final class Tile {
    private final TileName name;
    private final byte[] bytes;

    /** Keeps the bytes without a copy. */
    public Tile(TileName name, byte[] bytes) {
      this.name = name;
      this.bytes = bytes;
    }

    /** Where it belongs. */
    public TileName name() {
      return name;
    }

    /** Its bytes, not a copy. */
    public byte[] bytes() {
      return bytes;
    }
  }

  /** The edge of the tree without entries. */
  public static TreeEdge empty() {
    return new TreeEdge(0, new ArrayList<>());
  }

  /** The edge of a tree of {@code size} entries whose complete subtrees are known. */
  public static TreeEdge of(long size, Subtrees tree) throws IOException {
    List<List<Hash>> levels = new ArrayList<>();
    for (int level = 0; TileName.hashes(size, level) > 0; level++) {
      long hashes = TileName.hashes(size, level);
      List<Hash> tile = new ArrayList<>();
      for (long i = hashes - hashes % TileName.FULL; i < hashes; i++) {
        tile.add(tree.at(level * TileName.HEIGHT, i));
      }
      levels.add(tile);
    }
    return new TreeEdge(size, levels);
  }

  /** An edge that grows apart from this one. */
  public TreeEdge copy() {
    List<List<Hash>> copies = new ArrayList<>();
    levels.forEach(level -> copies.add(new ArrayList<>(level)));
    return new TreeEdge(size, copies);
  }

  /** Takes the hash of the next entry; tiles that it completes go to {@code full}, lowest first. */
  public void append(Hash leaf, Consumer<Tile> full) {
    size++;
    Hash carry = leaf;
    for (int level = 0; ; level++) {
      if (level == levels.size()) {
        levels.add(new ArrayList<>());
      }
      List<Hash> tile = levels.get(level);
      tile.add(carry);
      if (tile.size() < TileName.FULL) {
        return;
      }
      long index = TileName.hashes(size, level) / TileName.FULL - 1;
      full.accept(new Tile(new TileName(level, index, TileName.FULL), bytes(tile)));
      carry = subtree(tile, 0, TileName.FULL);
      tile.clear();
    }
  }

  /** The partial tiles, lowest first. */
  public List<Tile> partials() {
    List<Tile> tiles = new ArrayList<>();
    for (int level = 0; level < levels.size(); level++) {
      List<Hash> tile = levels.get(level);
      if (!tile.isEmpty()) {
        tiles.add(
            new Tile(
                TileName.in(size, level, TileName.hashes(size, level) / TileName.FULL),
                bytes(tile)));
      }
    }
    return tiles;
  }

  /** Number of entries. */
  public long size() {
    return size;
  }

  /** The root over all entries. */
  public Hash root() {
    try {
      return Merkle.root(size, this::subtree);
    } catch (IOException e) {
      throw new IllegalStateException("memory does not fail", e);
    }
  }

  /**
   * Only subtrees of the edge are asked for: those that the binary digits of the size stand for.
   */
  private Hash subtree(int level, long index) {
    int within = level % TileName.HEIGHT;
    int first = (int) ((index << within) % TileName.FULL);
    return subtree(levels.get(level / TileName.HEIGHT), first, 1 << within);
  }

  /** The root of {@code count} hashes of a tile, a power of two. */
  static Hash subtree(List<Hash> tile, int first, int count) {
    if (count == 1) {
      return tile.get(first);
    }
    int half = count / 2;
    return Hash.node(subtree(tile, first, half), subtree(tile, first + half, half));
  }

  private static byte[] bytes(List<Hash> tile) {
    byte[] bytes = new byte[tile.size() * Hash.LENGTH];
    for (int i = 0; i < tile.size(); i++) {
      tile.get(i).copyTo(bytes, i * Hash.LENGTH);
    }
    return bytes;
  }
}

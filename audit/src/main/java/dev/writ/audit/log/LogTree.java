package dev.writ.audit.log;

import dev.writ.audit.merkle.EntryBundle;
import dev.writ.audit.merkle.Hash;
import dev.writ.audit.merkle.TileName;
import dev.writ.audit.merkle.TreeEdge;
import dev.writ.audit.merkle.TreeEdge.Tile;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/**
 * The right edge of the log: hashes of its partial tiles and entries of its partial bundle. All
 * files of the log are a function of its entries, so what entries are added decides what is
 * written, whoever writes it. Not thread-safe.
 */
final class LogTree {
  private final TreeEdge edge;
  private final List<byte[]> tail;

  private LogTree(TreeEdge edge, List<byte[]> tail) {
    this.edge = edge;
    this.tail = tail;
  }

  static LogTree empty() {
    return new LogTree(TreeEdge.empty(), new ArrayList<>());
  }

  /** The log of {@code size} entries in that source. */
  static LogTree load(LogSource source, long size) throws IOException {
    TileReader tiles = new TileReader(source, size);
    long rest = size % TileName.FULL;
    List<byte[]> tail = rest == 0 ? List.of() : tiles.entries(size / TileName.FULL);
    return new LogTree(TreeEdge.of(size, tiles), new ArrayList<>(tail));
  }

  LogTree copy() {
    return new LogTree(edge.copy(), new ArrayList<>(tail));
  }

  long size() {
    return edge.size();
  }

  Hash root() {
    return edge.root();
  }

  /** Adds entries and returns every tile and bundle that is new with them. */
  List<Tile> append(List<byte[]> entries) {
    List<Tile> files = new ArrayList<>();
    for (byte[] entry : entries) {
      tail.add(entry);
      edge.append(Hash.leaf(entry), files::add);
      if (tail.size() == TileName.FULL) {
        files.add(bundle());
        tail.clear();
      }
    }
    files.addAll(edge.partials());
    if (!tail.isEmpty()) {
      files.add(bundle());
    }
    return files;
  }

  private Tile bundle() {
    long index = (edge.size() - 1) / TileName.FULL;
    return new Tile(new TileName(TileName.ENTRIES, index, tail.size()), EntryBundle.encode(tail));
  }
}

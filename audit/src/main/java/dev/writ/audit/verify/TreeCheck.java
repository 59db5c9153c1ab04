package dev.writ.audit.verify;

import dev.writ.audit.log.LogSource;
import dev.writ.audit.log.TileReader;
import dev.writ.audit.merkle.Hash;
import dev.writ.audit.merkle.TileName;
import dev.writ.audit.merkle.TreeEdge;
import dev.writ.audit.merkle.TreeEdge.Tile;
import dev.writ.audit.note.Checkpoint;
import dev.writ.audit.verify.Finding.Kind;
import dev.writ.audit.verify.LogVerifier.Pin;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Builds the tree again from the entries, and compares every tile and the root with what is stored
 * and signed.
 */
final class TreeCheck {
  private final Checkpoint checkpoint;
  private final List<Pin> pins;
  private final Findings findings;
  private final Records records;
  private final TileReader tiles;
  private final TreeEdge edge = TreeEdge.empty();

  TreeCheck(
      LogSource source, Checkpoint checkpoint, List<Pin> pins, Findings findings, Records records) {
    this.checkpoint = checkpoint;
    this.pins = pins;
    this.findings = findings;
    this.records = records;
    this.tiles = new TileReader(source, checkpoint.size());
  }

  void run(long entriesFrom) throws IOException {
    pins(0);
    boolean whole = true;
    for (long bundle = 0; bundle * TileName.FULL < checkpoint.size(); bundle++) {
      boolean needed = (bundle + 1) * TileName.FULL > entriesFrom;
      whole &= bundle(TileName.in(checkpoint.size(), TileName.ENTRIES, bundle), needed, whole);
    }
    if (whole) {
      edge.partials().stream().filter(tile -> tile.name().level() > 0).forEach(this::compare);
      if (!edge.root().equals(checkpoint.root())) {
        findings.add(
            Finding.range(
                Kind.TREE,
                0,
                checkpoint.size(),
                "the entries do not lead to the root that was signed"));
      }
    }
    for (Pin pin : pins) {
      if (pin.checkpoint().size() > checkpoint.size()) {
        findings.add(
            Finding.range(
                Kind.REWRITTEN,
                checkpoint.size(),
                pin.checkpoint().size(),
                pin.who()
                    + " has "
                    + pin.checkpoint().size()
                    + " entries, the log "
                    + checkpoint.size()));
      }
    }
  }

  /**
   * One bundle with its tile of leaf hashes; false when neither is there, so that the tree cannot
   * be built on.
   */
  private boolean bundle(TileName name, boolean needed, boolean build) {
    long first = name.index() * TileName.FULL;
    List<byte[]> entries = needed ? entries(name, first) : null;
    List<Hash> stored = hashes(new TileName(0, name.index(), name.width()), first);
    List<Hash> computed = entries == null ? null : entries.stream().map(Hash::leaf).toList();
    if (stored != null && computed != null) {
      differ(first, computed, stored);
    }
    if (build) {
      List<Hash> leaves = choose(name, computed, stored);
      leaves.forEach(this::append);
    }
    if (entries != null) {
      for (int i = 0; i < entries.size(); i++) {
        records.accept(first + i, entries.get(i));
      }
    }
    return stored != null || computed != null;
  }

  private @Nullable List<byte[]> entries(TileName name, long first) {
    try {
      return tiles.entries(name.index());
    } catch (IOException e) {
      findings.add(
          Finding.range(
              Kind.TREE, first, first + name.width(), "couldn't read: " + e.getMessage()));
      return null;
    }
  }

  private @Nullable List<Hash> hashes(TileName name, long first) {
    try {
      byte[] tile = tiles.hashes(name);
      List<Hash> hashes = new ArrayList<>();
      for (int i = 0; i < name.width(); i++) {
        hashes.add(Hash.at(tile, i * Hash.LENGTH));
      }
      return hashes;
    } catch (IOException e) {
      findings.add(
          Finding.range(
              Kind.TREE, first, first + name.width(), "couldn't read: " + e.getMessage()));
      return null;
    }
  }

  /** Neighbours that differ are one finding: a bundle that was put in another's place has many. */
  private void differ(long first, List<Hash> computed, List<Hash> stored) {
    int from = 0;
    for (int i = 0; i <= computed.size(); i++) {
      if (i == computed.size() || computed.get(i).equals(stored.get(i))) {
        if (from < i) {
          findings.add(
              Finding.range(
                  Kind.TREE,
                  first + from,
                  first + i,
                  i - from == 1
                      ? "the entry is not the one whose hash is in the tree"
                      : "the entries are not those whose hashes are in the tree"));
        }
        from = i + 1;
      }
    }
  }

  /**
   * Where entries and tile differ one of them may be right: that which the level above, or the
   * root, knows.
   */
  private List<Hash> choose(
      TileName name, @Nullable List<Hash> computed, @Nullable List<Hash> stored) {
    if (computed == null || stored == null || computed.equals(stored)) {
      return computed != null ? computed : stored != null ? stored : List.of();
    }
    return leadsUp(name, stored) ? stored : computed;
  }

  private boolean leadsUp(TileName name, List<Hash> leaves) {
    TreeEdge trial = name.width() == TileName.FULL ? TreeEdge.empty() : edge.copy();
    leaves.forEach(leaf -> trial.append(leaf, tile -> {}));
    if (name.width() < TileName.FULL) {
      return trial.root().equals(checkpoint.root());
    }
    try {
      return trial.root().equals(tiles.at(TileName.HEIGHT, name.index()));
    } catch (IOException e) {
      return false;
    }
  }

  private void append(Hash leaf) {
    edge.append(
        leaf,
        tile -> {
          if (tile.name().level() > 0) {
            compare(tile);
          }
        });
    pins(edge.size());
  }

  private void pins(long size) {
    for (Pin pin : pins) {
      if (pin.checkpoint().size() == size && !pin.checkpoint().root().equals(edge.root())) {
        findings.add(
            Finding.range(Kind.REWRITTEN, 0, size, "these entries are not those of " + pin.who()));
      }
    }
  }

  /** A tile above the leaves, as built from the entries, against what is stored in its place. */
  private void compare(Tile built) {
    long span = 1L << (TileName.HEIGHT * built.name().level());
    long first = built.name().index() * TileName.FULL;
    try {
      byte[] stored = tiles.hashes(built.name());
      for (int i = 0; i < built.name().width(); i++) {
        if (!Hash.at(stored, i * Hash.LENGTH).equals(Hash.at(built.bytes(), i * Hash.LENGTH))) {
          long from = (first + i) * span;
          findings.add(
              Finding.range(
                  Kind.TREE,
                  from,
                  from + span,
                  "their hash is not the one in " + built.name().path()));
        }
      }
    } catch (IOException e) {
      long to = (first + built.name().width()) * span;
      findings.add(Finding.range(Kind.TREE, first * span, to, "couldn't read: " + e.getMessage()));
    }
  }
}

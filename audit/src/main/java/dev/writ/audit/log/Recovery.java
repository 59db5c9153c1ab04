package dev.writ.audit.log;

import dev.writ.audit.AuditRecord;
import dev.writ.audit.BrokenChainException;
import dev.writ.audit.log.LogRefusedException.Reason;
import dev.writ.audit.log.LogWriter.State;
import dev.writ.audit.merkle.Hash;
import dev.writ.audit.merkle.Merkle;
import dev.writ.audit.merkle.TileName;
import dev.writ.audit.merkle.TreeEdge.Tile;
import dev.writ.audit.note.Checkpoint;
import dev.writ.contract.MalformedException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Finds out where the log is, at a start and after anything that failed: reads on from a state that
 * was good to the public checkpoint, and from there over the one stage that may be committed and
 * not public yet.
 */
final class Recovery {
  /**
   * Another writer may go ahead between two reads; each time round starts from where that one is.
   */
  private static final int ATTEMPTS = 8;

  private final LogStorage storage;
  private final CheckpointStore checkpoints;
  private final PublicCheckpoint published;

  Recovery(LogStorage storage, CheckpointStore checkpoints, PublicCheckpoint published) {
    this.storage = storage;
    this.checkpoints = checkpoints;
    this.published = published;
  }

  /**
   * Where the log is.
   *
   * @param unfinished what has to become public for it, empty when all is
   */
  record Found(State state, List<Tile> unfinished) {}

  Found run(State known) throws IOException {
    for (int attempt = 1; ; attempt++) {
      // In this order: the store is never behind what is public, so what is read later can't be.
      Checkpoint there = published.read();
      Committed committed = checkpoints.read();
      long size = there == null ? 0 : there.size();
      Hash root = there == null ? Hash.EMPTY_ROOT : there.root();
      if (isRestored(committed, size, root)) {
        return new Found(accepted(known, committed, size, root), List.of());
      }
      State atPublic = readOn(known, committed, size, root);
      if (committed == null || committed.size() == size) {
        return new Found(atPublic, List.of());
      }
      Stage stage = stage(committed);
      if (stage != null && stage.from() == size) {
        return apply(stage, atPublic, committed);
      }
      if (attempt == ATTEMPTS) {
        throw new LogRefusedException(
            Reason.STORAGE_BEHIND,
            "the checkpoint store has "
                + committed.size()
                + " entries, the storage "
                + size
                + " and no stage that leads there; was the volume restored or emptied?");
      }
    }
  }

  /** A store that says less than the public checkpoint would let the log fork right there. */
  private static boolean isRestored(@Nullable Committed committed, long size, Hash root)
      throws LogRefusedException {
    long has = committed == null ? 0 : committed.size();
    if (committed != null && has == size && !committed.root().equals(root)) {
      throw new LogRefusedException(
          Reason.BEHIND_PUBLIC,
          "the checkpoint store has " + has + " other entries than those that are public");
    }
    return has < size;
  }

  /**
   * The store made to say what is public, if an administrator wants that. Nothing is lost by it:
   * what was acknowledged is public. (audit.md, Log)
   */
  private State accepted(State known, @Nullable Committed committed, long size, Hash root)
      throws IOException {
    long has = committed == null ? 0 : committed.size();
    if (!checkpoints.accepts(size, root)) {
      throw new LogRefusedException(
          Reason.BEHIND_PUBLIC,
          "the checkpoint store has "
              + has
              + " entries, "
              + size
              + " are public, up to root "
              + root.toBase64()
              + "; was etcd restored from a backup?");
    }
    if (committed != null
        && !Merkle.root(has, new TileReader(storage, size)).equals(committed.root())) {
      throw new LogRefusedException(
          Reason.BEHIND_PUBLIC,
          "the checkpoint store has " + has + " entries of another log: they can't be accepted");
    }
    State atPublic = readOn(known, committed, size, root);
    Committed next = new Committed(size, root, LogPaths.STAGE + "/accepted");
    if (!checkpoints.compareAndSwap(committed, next)) {
      throw new LogConflictException("another writer went on while a checkpoint was accepted");
    }
    return new State(next, atPublic.tree(), atPublic.heads());
  }

  private State readOn(State known, @Nullable Committed committed, long size, Hash root)
      throws IOException {
    LogTree tree = known.tree().copy();
    BootHeads heads = known.heads().fork();
    if (size < tree.size()) {
      throw new LogRefusedException(
          Reason.STORAGE_BEHIND, size + " entries are public where " + tree.size() + " have been");
    }
    TileReader tiles = new TileReader(storage, size);
    while (tree.size() < size) {
      long at = tree.size();
      List<byte[]> bundle = tiles.entries(at / TileName.FULL);
      List<byte[]> entries = bundle.subList((int) (at % TileName.FULL), bundle.size());
      replay(entries, at, heads);
      tree.append(entries);
    }
    if (!tree.root().equals(root)) {
      throw new LogRefusedException(
          Reason.CORRUPT, "the stored entries do not lead to the public checkpoint");
    }
    return new State(committed, tree, heads);
  }

  private @Nullable Stage stage(Committed committed) throws IOException {
    byte[] bytes = storage.read(committed.stage());
    try {
      return bytes == null ? null : Stage.decode(bytes);
    } catch (MalformedException e) {
      throw new LogRefusedException(Reason.CORRUPT, committed.stage() + ": " + e.getMessage());
    }
  }

  private static Found apply(Stage stage, State before, Committed committed)
      throws LogRefusedException {
    LogTree tree = before.tree().copy();
    BootHeads heads = before.heads().fork();
    replay(stage.entries(), stage.from(), heads);
    List<Tile> files = tree.append(stage.entries());
    if (tree.size() != committed.size() || !tree.root().equals(committed.root())) {
      throw new LogRefusedException(
          Reason.CORRUPT, committed.stage() + " does not lead to what was committed");
    }
    return new Found(new State(committed, tree, heads), files);
  }

  private static void replay(List<byte[]> entries, long from, BootHeads heads)
      throws LogRefusedException {
    long index = from;
    for (byte[] entry : entries) {
      String line = new String(entry, StandardCharsets.UTF_8);
      try {
        heads.replay(AuditRecord.parse(line), line);
      } catch (BrokenChainException | MalformedException e) {
        throw new LogRefusedException(Reason.CORRUPT, "entry " + index + ": " + e.getMessage());
      }
      index++;
    }
  }
}

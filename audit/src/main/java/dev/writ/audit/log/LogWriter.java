package dev.writ.audit.log;

import dev.writ.audit.log.LogRefusedException.Reason;
import dev.writ.audit.merkle.Hash;
import dev.writ.audit.merkle.TileName;
import dev.writ.audit.merkle.TreeEdge.Tile;
import dev.writ.audit.note.Checkpoint;
import dev.writ.audit.note.NoteSigner;
import dev.writ.audit.note.VerifierKey;
import dev.writ.contract.key.Ed25519;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Appends records to the log, so that it never forks and never loses what it acknowledged
 * (audit.md, Log; checked as {@code LogWriter.tla}).
 *
 * <p>The order is everything. Entries are staged under a name of their own; a compare-and-swap of
 * the checkpoint store makes them part of the log; only then tiles become public, then the signed
 * checkpoint, and then the records are acknowledged. Whatever fails or crashes in between, the next
 * append or start reads where the log is and finishes what was begun. Any number of writers may
 * run: one of them wins each swap. Thread-safe, one append at a time.
 */
public final class LogWriter {
  private final Ed25519 ed25519;
  private final LogStorage storage;
  private final CheckpointStore checkpoints;
  private final Supplier<String> names;
  private volatile List<NoteSigner> signers;
  private PublicCheckpoint published;
  private Recovery recovery;
  private final List<String> garbage = new ArrayList<>();
  private State state;
  private volatile Checkpoint head;

  /**
   * False from the first write of an append to its end: then only the stores know where the log is.
   */
  private boolean certain;

  private volatile long snapshotSize;

  LogWriter(
      List<NoteSigner> signers,
      LogStorage storage,
      CheckpointStore checkpoints,
      Supplier<String> names,
      Ed25519 ed25519,
      List<VerifierKey> retired,
      BootHeads heads) {
    this.signers = List.copyOf(signers);
    this.storage = storage;
    this.checkpoints = checkpoints;
    this.names = names;
    this.ed25519 = ed25519;
    this.published = published(signers, retired);
    this.recovery = new Recovery(storage, checkpoints, published);
    this.state = new State(null, LogTree.empty(), heads);
    this.head = checkpoint(state);
  }

  private PublicCheckpoint published(List<NoteSigner> signing, List<VerifierKey> retired) {
    List<VerifierKey> keys = new ArrayList<>(retired);
    signing.forEach(signer -> keys.add(signer.verifierKey()));
    return new PublicCheckpoint(storage, keys, ed25519);
  }

  /**
   * Where the log is.
   *
   * @param committed null before the first entry
   */
  record State(@Nullable Committed committed, LogTree tree, BootHeads heads) {
    /** This state for good: what it changed can't be undone. */
    State settled() {
      return new State(committed, tree, heads.merged());
    }
  }

  /**
   * Opens a log, or begins one where nothing is stored; finishes what another writer left.
   *
   * @param signers keys of the log, all under its origin; two while keys are rotated, the new one
   *     first
   * @param retired keys that sign no more, under which the newest checkpoint may be signed still
   * @param names draws a file name (letters, digits) that no other call anywhere draws
   * @throws LogRefusedException when the stores contradict each other
   * @throws IOException when one of them does not answer; trying again is right
   */
  public static LogWriter open(
      List<NoteSigner> signers,
      List<VerifierKey> retired,
      LogStorage storage,
      CheckpointStore checkpoints,
      Supplier<String> names,
      Ed25519 ed25519)
      throws IOException {
    requireOneOrigin(signers);
    LogWriter writer =
        new LogWriter(signers, storage, checkpoints, names, ed25519, retired, new BootHeads());
    writer.state = new Snapshots(storage).newest(writer.state);
    writer.snapshotSize = writer.state.tree().size();
    writer.recover();
    return writer;
  }

  /** As the other, where no key was ever retired. */
  public static LogWriter open(
      List<NoteSigner> signers,
      LogStorage storage,
      CheckpointStore checkpoints,
      Supplier<String> names,
      Ed25519 ed25519)
      throws IOException {
    return open(signers, List.of(), storage, checkpoints, names, ed25519);
  }

  private static void requireOneOrigin(List<NoteSigner> signers) {
    if (signers.isEmpty() || signers.stream().map(NoteSigner::name).distinct().count() != 1) {
      throw new IllegalArgumentException("a log has one origin and at least one key");
    }
  }

  /**
   * Has other keys sign from the next append on.
   *
   * @param next as the signers of {@link #open}, under the same origin
   * @param retired keys that sign no more; those that signed the newest checkpoint are among these
   *     or {@code next}
   * @throws LogRefusedException when none of them signed the newest checkpoint: then those before
   *     stay
   * @throws IOException when that can't be read; then too
   */
  public synchronized void rotate(List<NoteSigner> next, List<VerifierKey> retired)
      throws IOException {
    requireOneOrigin(next);
    if (!next.getFirst().name().equals(signers.getFirst().name())) {
      throw new IllegalArgumentException("a log keeps its origin");
    }
    PublicCheckpoint under = published(next, retired);
    if (under.read() == null && head.size() > 0) {
      throw new IOException("the public checkpoint is gone");
    }
    signers = List.copyOf(next);
    published = under;
    recovery = new Recovery(storage, checkpoints, under);
  }

  /**
   * Appends what is new in these batches and returns once it is in the log for good, one outcome
   * per batch.
   *
   * @throws LogRefusedException when the log must not be written
   * @throws LogConflictException when another writer went ahead
   * @throws IOException when storing failed: nothing is acknowledged, everything may be sent again
   */
  public synchronized List<Outcome> append(List<Batch> batches) throws IOException {
    if (!certain) {
      recover();
    }
    Intake intake = Intake.of(state, batches);
    if (intake.isBroken() && !Objects.equals(checkpoints.read(), state.committed())) {
      // What seems out of order may follow what another writer appended.
      recover();
      intake = Intake.of(state, batches);
    }
    if (!intake.entries().isEmpty()) {
      commit(intake.entries(), intake.heads());
    }
    return intake.outcomes();
  }

  private void commit(List<byte[]> entries, BootHeads heads) throws IOException {
    certain = false;
    long from = state.tree().size();
    String stage = Stage.path(from, names.get());
    storage.write(stage, new Stage(from, entries).encode());
    LogTree grown = state.tree().copy();
    List<Tile> files = grown.append(entries);
    Committed next = new Committed(grown.size(), grown.root(), stage);
    if (!checkpoints.compareAndSwap(state.committed(), next)) {
      // The stage stays: a client that repeats a request by itself may say no after it said yes.
      throw new LogConflictException("another writer appended after entry " + from);
    }
    finish(new State(next, grown, heads), files);
  }

  /**
   * From here on the entries are in the log: every step may be repeated by anyone, with the same
   * bytes.
   */
  private void finish(State next, List<Tile> files) throws IOException {
    for (Tile file : files) {
      publish(file);
    }
    published.advance(checkpoint(next).sign(signers), checkpoint(next));
    if (next.committed() != null) {
      garbage.add(next.committed().stage());
    }
    files.stream()
        .map(Tile::name)
        .filter(name -> name.width() == TileName.FULL)
        .forEach(name -> garbage.add(name.partials()));
    state = next.settled();
    head = checkpoint(state);
    certain = true;
    collect();
  }

  /** Written even if it is there: it may not be durable yet. */
  private void publish(Tile file) throws IOException {
    String path = file.name().path();
    byte[] present = storage.read(path);
    if (present != null && !Arrays.equals(present, file.bytes())) {
      throw new LogRefusedException(Reason.CORRUPT, path + " is there with other content");
    }
    storage.write(path, file.bytes());
  }

  private void recover() throws IOException {
    Recovery.Found found = recovery.run(state);
    if (found.unfinished().isEmpty()) {
      state = found.state().settled();
      head = checkpoint(state);
      certain = true;
    } else {
      finish(found.state(), found.unfinished());
    }
  }

  /**
   * What nobody needs any more costs room only, so a failure to remove it is no failure: it is
   * tried again later.
   */
  private void collect() {
    garbage.removeIf(
        path -> {
          try {
            storage.delete(path);
            return true;
          } catch (IOException e) {
            return false;
          }
        });
  }

  /**
   * Housekeeping, every few minutes: removes stages that other writers left, and stores where the
   * boots stand once 65,536 entries came since the last time, so that a start does not read the
   * whole log.
   *
   * @throws IOException when it failed; the log is none the worse
   */
  public synchronized void tidy() throws IOException {
    if (!certain) {
      recover();
    }
    for (String name : storage.list(LogPaths.STAGE)) {
      // Its swap must fail by now, or has been finished. A newer one may belong to a writer that is
      // about to swap.
      if (Stage.from(name) >= 0 && Stage.from(name) < state.tree().size()) {
        storage.delete(LogPaths.STAGE + "/" + name);
      }
    }
    snapshot(Snapshots.EVERY);
  }

  /**
   * Stores where the boots stand once so many entries came since the last time.
   *
   * @throws IOException when it failed; the log is none the worse
   */
  public synchronized void snapshot(long least) throws IOException {
    if (certain && state.tree().size() > 0 && state.tree().size() - snapshotSize >= least) {
      new Snapshots(storage).store(state);
      snapshotSize = state.tree().size();
    }
  }

  /** Entries below which a start of a writer does not read. */
  public long snapshotSize() {
    return snapshotSize;
  }

  /** The newest checkpoint that this writer published or found. Never blocks. */
  public Checkpoint head() {
    return head;
  }

  /** What verifies this log, the newest key first. */
  public List<VerifierKey> keys() {
    return signers.stream().map(NoteSigner::verifierKey).toList();
  }

  private Checkpoint checkpoint(State of) {
    Hash root = of.tree().root();
    return new Checkpoint(signers.getFirst().name(), of.tree().size(), root);
  }
}

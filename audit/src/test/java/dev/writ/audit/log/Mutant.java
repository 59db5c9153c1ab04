package dev.writ.audit.log;

import dev.writ.audit.AuditRecord;
import dev.writ.audit.BrokenChainException;
import dev.writ.audit.merkle.TreeEdge.Tile;
import dev.writ.audit.note.Checkpoint;
import dev.writ.contract.MalformedException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;

/**
 * The mistakes that {@code LogWriter.tla} names, each made by bending what surrounds the writer:
 * {@code mut-*} of its cases. {@link #NONE} is the writer as it is.
 */
enum Mutant {
  NONE(""),
  PUBLIC_TILES_BEFORE_SWAP("reads as another|is there with other content"),
  CHECKPOINT_PUBLIC_BEFORE_SWAP("fork|reads as another|missing|are public"),
  ACKNOWLEDGED_BEFORE_SWAP("lost"),
  BATCH_APPENDED_TWICE("twice");

  final String found;

  Mutant(String found) {
    this.found = found;
  }

  LogStorage storage(World world, LogStorage storage) {
    return this == ACKNOWLEDGED_BEFORE_SWAP ? new AcknowledgesStages(world, storage) : storage;
  }

  CheckpointStore checkpoints(World world, CheckpointStore checkpoints, LogStorage storage) {
    return switch (this) {
      case PUBLIC_TILES_BEFORE_SWAP -> new Before(checkpoints, next -> tiles(storage, next));
      case CHECKPOINT_PUBLIC_BEFORE_SWAP ->
          new Before(checkpoints, next -> checkpoint(world, storage, next));
      case NONE, ACKNOWLEDGED_BEFORE_SWAP, BATCH_APPENDED_TWICE -> checkpoints;
    };
  }

  BootHeads heads() {
    return this == BATCH_APPENDED_TWICE ? new Forgetful() : new BootHeads();
  }

  private static void tiles(LogStorage storage, Committed next) throws IOException {
    Stage stage = stage(storage.read(next.stage()));
    LogTree tree = LogTree.load(storage, stage.from());
    for (Tile file : tree.append(stage.entries())) {
      storage.write(file.name().path(), file.bytes());
    }
  }

  private static void checkpoint(World world, LogStorage storage, Committed next)
      throws IOException {
    tiles(storage, next);
    Checkpoint early = new Checkpoint(LogFixture.ORIGIN, next.size(), next.root());
    storage.replace(
        LogPaths.CHECKPOINT,
        storage.read(LogPaths.CHECKPOINT),
        early.sign(List.of(world.log.signer)).toBytes());
  }

  private static Stage stage(byte[] bytes) {
    try {
      return Stage.decode(bytes);
    } catch (MalformedException e) {
      throw new AssertionError(e);
    }
  }

  private interface Early {
    void run(Committed next) throws IOException;
  }

  private record Before(CheckpointStore checkpoints, Early early) implements CheckpointStore {
    @Override
    public Committed read() throws IOException {
      return checkpoints.read();
    }

    @Override
    public boolean compareAndSwap(Committed expected, Committed next) throws IOException {
      early.run(next);
      return checkpoints.compareAndSwap(expected, next);
    }
  }

  private record AcknowledgesStages(World world, LogStorage storage) implements LogStorage {
    @Override
    public byte[] read(String path) throws IOException {
      return storage.read(path);
    }

    @Override
    public void write(String path, byte[] bytes) throws IOException {
      storage.write(path, bytes);
      if (path.startsWith(LogPaths.STAGE)) {
        for (byte[] entry : stage(bytes).entries()) {
          world.acknowledged.add(LogFixture.receipt(new String(entry, StandardCharsets.UTF_8)));
        }
      }
    }

    @Override
    public boolean replace(String path, byte[] expected, byte[] bytes) throws IOException {
      return storage.replace(path, expected, bytes);
    }

    @Override
    public List<String> list(String folder) throws IOException {
      return storage.list(folder);
    }

    @Override
    public void delete(String path) throws IOException {
      storage.delete(path);
    }
  }

  /** Remembers no boot, so that each first record is new to it. */
  private static final class Forgetful extends BootHeads {
    @Override
    BootHeads fork() {
      return new Forgetful();
    }

    @Override
    void replay(AuditRecord auditRecord, String line) throws BrokenChainException {
      of(auditRecord.boot()).check(auditRecord.boot()).accept(line);
    }
  }
}

package dev.writ.audit.log;

import dev.writ.audit.merkle.Hash;
import java.io.IOException;
import java.util.List;

/** Stores that fail at one step, once or from then on, before or after the step had its effect. */
public final class Faults {
  /** What happens at the step. */
  public enum Kind {
    /** An error, and nothing was stored. */
    NOT_STORED,
    /** An error, but it was stored. */
    STORED,
    /** The process dies before. */
    DIES_BEFORE,
    /** The process dies after. */
    DIES_AFTER
  }

  private final Kind kind;
  private final int failAt;
  private final Runnable before;
  private final Runnable after;
  private int step;
  private boolean dead;

  Faults(World world, Kind kind, int failAt, Runnable before) {
    this(kind, failAt, before, world::look);
  }

  /**
   * Of other stores than those of a {@link World}.
   *
   * @param failAt which step fails, counted from 1
   * @param before runs before each step
   * @param after runs after each step that had its effect
   */
  public Faults(Kind kind, int failAt, Runnable before, Runnable after) {
    this.kind = kind;
    this.failAt = failAt;
    this.before = before;
    this.after = after;
  }

  /** Whether the process is dead: each step fails from now on. */
  public boolean dead() {
    return dead;
  }

  /** Whether the step was reached. */
  public boolean struck() {
    return step >= failAt;
  }

  private interface Step<T> {
    T run() throws IOException;
  }

  private <T> T step(Step<T> action) throws IOException {
    before.run();
    if (dead) {
      throw new IOException("dead");
    }
    boolean now = ++step == failAt;
    if (now && (kind == Kind.NOT_STORED || kind == Kind.DIES_BEFORE)) {
      dead = kind == Kind.DIES_BEFORE;
      throw new IOException("No space left on device");
    }
    T result = action.run();
    after.run();
    if (now) {
      dead = kind == Kind.DIES_AFTER;
      throw new IOException("connection reset");
    }
    return result;
  }

  /** The same storage, failing. */
  public LogStorage storage(LogStorage storage) {
    return new LogStorage() {
      @Override
      public byte[] read(String path) throws IOException {
        return step(() -> storage.read(path));
      }

      @Override
      public void write(String path, byte[] bytes) throws IOException {
        step(
            () -> {
              storage.write(path, bytes);
              return true;
            });
      }

      @Override
      public boolean replace(String path, byte[] expected, byte[] bytes) throws IOException {
        return step(() -> storage.replace(path, expected, bytes));
      }

      @Override
      public List<String> list(String folder) throws IOException {
        return step(() -> storage.list(folder));
      }

      @Override
      public void delete(String path) throws IOException {
        step(
            () -> {
              storage.delete(path);
              return true;
            });
      }
    };
  }

  CheckpointStore checkpoints(CheckpointStore checkpoints) {
    return new CheckpointStore() {
      @Override
      public Committed read() throws IOException {
        return step(checkpoints::read);
      }

      @Override
      public boolean compareAndSwap(Committed expected, Committed next) throws IOException {
        return step(() -> checkpoints.compareAndSwap(expected, next));
      }

      @Override
      public boolean accepts(long size, Hash root) throws IOException {
        return step(() -> checkpoints.accepts(size, root));
      }
    };
  }
}

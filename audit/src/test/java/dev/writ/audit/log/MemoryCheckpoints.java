package dev.writ.audit.log;

import dev.writ.audit.merkle.Hash;
import java.util.Objects;

/** A checkpoint store in memory; can be put back, as a restored etcd is. */
public final class MemoryCheckpoints implements CheckpointStore {
  private Committed value;
  private Hash accepted;

  @Override
  public synchronized Committed read() {
    return value;
  }

  @Override
  public synchronized boolean compareAndSwap(Committed expected, Committed next) {
    if (!Objects.equals(value, expected)) {
      return false;
    }
    value = next;
    return true;
  }

  @Override
  public synchronized boolean accepts(long size, Hash root) {
    return root.equals(accepted);
  }

  /** What an administrator does who knows of the restore. */
  public synchronized void accept(Hash root) {
    accepted = root;
  }

  /** What a restore from a backup does. */
  public synchronized void restore(Committed backup) {
    value = backup;
  }
}

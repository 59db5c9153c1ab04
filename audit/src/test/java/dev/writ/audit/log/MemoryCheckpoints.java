package dev.writ.audit.log;

import java.util.Objects;

/** A checkpoint store in memory; can be put back, as a restored etcd is. */
public final class MemoryCheckpoints implements CheckpointStore {
  private Committed value;

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

  /** What a restore from a backup does. */
  public synchronized void restore(Committed backup) {
    value = backup;
  }
}

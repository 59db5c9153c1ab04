package dev.writ.audit.log;

import dev.writ.audit.merkle.Hash;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * The one place that decides which batch comes next, apart from the storage: in a cluster the
 * ConfigMap {@code writ-checkpoint}, whose resourceVersion makes the swap atomic.
 */
public interface CheckpointStore {
  /** What is stored, read from the source and from no cache; null when nothing ever was. */
  @Nullable Committed read() throws IOException;

  /**
   * Stores {@code next} if {@code expected} is what is stored (null: nothing), atomically over all
   * writers. A call that throws may or may not have stored it.
   *
   * @return false when something else is stored; then nothing changed
   */
  boolean compareAndSwap(@Nullable Committed expected, Committed next) throws IOException;

  /**
   * Whether an administrator said, of exactly this public checkpoint, that the log goes on from it
   * although this store says less: it was restored from a backup.
   */
  default boolean accepts(long size, Hash root) throws IOException {
    return false;
  }
}

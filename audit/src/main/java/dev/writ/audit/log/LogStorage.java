package dev.writ.audit.log;

import java.io.IOException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Where a log is kept. Any call that throws may or may not have had its effect: the writer counts
 * on neither.
 *
 * <p>Several writers may use one storage at the same time.
 */
public interface LogStorage extends LogSource {
  /**
   * Stores the bytes under the path, in place of any others. Durable before it returns; whoever
   * reads sees all of the bytes or none.
   */
  void write(String path, byte[] bytes) throws IOException;

  /**
   * Like {@link #write}, but only if what is stored now is {@code expected} (null: nothing),
   * atomically over all writers.
   *
   * @return false when something else is stored; then nothing changed
   */
  boolean replace(String path, byte @Nullable [] expected, byte[] bytes) throws IOException;

  /** Names in that folder, without their path, in no order; empty when there is no such folder. */
  List<String> list(String folder) throws IOException;

  /** Removes what is stored under the path, if anything, and a folder with all that is in it. */
  void delete(String path) throws IOException;
}

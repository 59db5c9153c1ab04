package dev.writ.audit.log;

import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** A log to read from; nothing that it says is trusted. */
@FunctionalInterface
public interface LogSource {
  /**
   * The bytes under a path of the log such as {@code checkpoint} or {@code tile/0/000}, null when
   * there are none.
   *
   * @throws IOException when it can't be said
   */
  byte @Nullable [] read(String path) throws IOException;
}

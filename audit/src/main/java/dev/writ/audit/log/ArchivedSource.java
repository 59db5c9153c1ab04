package dev.writ.audit.log;

import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * A log whose old entries were moved elsewhere, read as one.
 *
 * @param log everything else
 * @param archive what is not there any more
 */
public record ArchivedSource(LogSource log, LogSource archive) implements LogSource {
  @Override
  public byte @Nullable [] read(String path) throws IOException {
    if (path.equals(LogPaths.ENTRIES_FROM)) {
      return null;
    }
    byte[] bytes = log.read(path);
    return bytes != null || !path.startsWith("tile/entries/") ? bytes : archive.read(path);
  }
}

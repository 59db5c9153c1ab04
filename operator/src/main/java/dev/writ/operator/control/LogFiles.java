package dev.writ.operator.control;

import dev.writ.audit.log.LogPaths;
import dev.writ.audit.log.LogSource;
import java.io.IOException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * {@code GET /log/...}: checkpoints and tiles, for everyone, as C2SP tlog-tiles lays them out.
 * (architecture.md, Control API)
 */
final class LogFiles implements HttpsListener.Tree {
  private static final Logger LOG = LoggerFactory.getLogger(LogFiles.class);

  private final LogSource log;

  LogFiles(LogSource log) {
    this.log = log;
  }

  @Override
  public Reply at(String path) throws ControlException {
    // Anything else in the storage is the writer's own, and no path of the file system.
    if (!LogPaths.isPublic(path)) {
      throw new ControlException(ControlError.NOT_FOUND, "no such file in the log");
    }
    try {
      byte[] bytes = log.read(path);
      if (bytes == null) {
        throw new ControlException(ControlError.NOT_FOUND, "no such file in the log");
      }
      return Reply.file(LogPaths.mediaType(path), bytes, LogPaths.cacheControl(path));
    } catch (IOException e) {
      LOG.atWarn()
          .addKeyValue("path", path)
          .addKeyValue("cause", e.getMessage())
          .log("couldn't read the log");
      throw new ControlException(ControlError.UNAVAILABLE, "the log can't be read now; try again");
    }
  }
}

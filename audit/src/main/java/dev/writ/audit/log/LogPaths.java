package dev.writ.audit.log;

import dev.writ.audit.merkle.TileName;

/** What lies where below a log's prefix. */
public final class LogPaths {
  /**
   * The newest checkpoint, signed by the log; with cosignatures when no entry came since witnesses
   * saw it.
   */
  public static final String CHECKPOINT = "checkpoint";

  /** The newest checkpoint that a quorum of witnesses cosigned; not part of tlog-tiles. */
  public static final String WITNESSED = "checkpoint.witnessed";

  static final String STAGE = "stage";
  static final String HEADS = "heads";

  private LogPaths() {}

  /**
   * Whether anyone may read what lies at that path: checkpoints and tiles, nothing of the writer's
   * own.
   */
  public static boolean isPublic(String path) {
    return path.equals(CHECKPOINT) || path.equals(WITNESSED) || TileName.parse(path).isPresent();
  }

  /** The media type to serve it with. */
  public static String mediaType(String path) {
    return isCheckpoint(path) ? "text/plain; charset=utf-8" : "application/octet-stream";
  }

  /** How long it may be cached: tiles never change, checkpoints always do. */
  public static String cacheControl(String path) {
    return isCheckpoint(path) ? "no-cache" : "public, max-age=31536000, immutable";
  }

  private static boolean isCheckpoint(String path) {
    return path.equals(CHECKPOINT) || path.equals(WITNESSED);
  }
}

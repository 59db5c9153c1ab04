package dev.writ.audit.log;

import dev.writ.audit.merkle.TileName;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/** What lies where below a log's prefix. */
public final class LogPaths {
  /**
   * The newest checkpoint, signed by the log; with cosignatures when no entry came since witnesses
   * saw it.
   */
  public static final String CHECKPOINT = "checkpoint";

  /** The newest checkpoint that a quorum of witnesses cosigned; not part of tlog-tiles. */
  public static final String WITNESSED = "checkpoint.witnessed";

  /**
   * Index of the first entry that is there, in decimal, when older ones were taken out; not part of
   * tlog-tiles, and a hint that proves nothing.
   */
  public static final String ENTRIES_FROM = "entries-from";

  /**
   * Index below which no bundle of entries is left, in decimal; the writer's own. What lies between
   * it and {@link #ENTRIES_FROM} is still to be removed.
   */
  public static final String ENTRIES_REMOVED = "entries-removed";

  static final String STAGE = "stage";
  static final String HEADS = "heads";

  private LogPaths() {}

  /**
   * The index of the first entry that is said to be there, 0 when nothing is said.
   *
   * @throws IOException when it is said in other words, or can't be read
   */
  public static long entriesFrom(LogSource source) throws IOException {
    return index(ENTRIES_FROM, source.read(ENTRIES_FROM));
  }

  /**
   * The index that was read at that path, 0 when nothing was.
   *
   * @throws IOException when it is said in other words
   */
  public static long index(String path, byte @Nullable [] bytes) throws IOException {
    if (bytes == null) {
      return 0;
    }
    String text = new String(bytes, StandardCharsets.UTF_8).strip();
    if (!text.matches("[0-9]{1,18}")) {
      throw new IOException(path + " holds no number");
    }
    return Long.parseLong(text);
  }

  /**
   * Whether anyone may read what lies at that path: checkpoints and tiles, nothing of the writer's
   * own.
   */
  public static boolean isPublic(String path) {
    return isText(path) || TileName.parse(path).isPresent();
  }

  /** The media type to serve it with. */
  public static String mediaType(String path) {
    return isText(path) ? "text/plain; charset=utf-8" : "application/octet-stream";
  }

  /** How long it may be cached: tiles never change, checkpoints always do. */
  public static String cacheControl(String path) {
    return isText(path) ? "no-cache" : "public, max-age=31536000, immutable";
  }

  private static boolean isText(String path) {
    return path.equals(CHECKPOINT) || path.equals(WITNESSED) || path.equals(ENTRIES_FROM);
  }
}

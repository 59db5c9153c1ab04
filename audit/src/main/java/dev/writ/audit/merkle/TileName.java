package dev.writ.audit.merkle;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * One tile of hashes or bundle of entries, and where it is served (C2SP tlog-tiles).
 *
 * @param level of the tile, or {@link #ENTRIES} for a bundle of entries
 * @param index within the level
 * @param width hashes or entries in it; below {@link #FULL} it is partial
 */
public record TileName(int level, long index, int width) {
  /** Hashes in a full tile. */
  public static final int FULL = 256;

  /** Levels of the tree that one tile spans. */
  public static final int HEIGHT = 8;

  /** The level that stands for entries themselves. */
  public static final int ENTRIES = -1;

  private static final int MAX_LEVEL = 63;
  private static final Pattern PATH =
      Pattern.compile(
          "tile/(entries|0|[1-9][0-9]?)/((?:x[0-9]{3}/)*[0-9]{3})(?:\\.p/([1-9][0-9]{0,2}))?");

  public TileName {
    if (level < ENTRIES || level > MAX_LEVEL || index < 0 || width < 1 || width > FULL) {
      throw new IllegalArgumentException(
          "no such tile: level " + level + ", index " + index + ", width " + width);
    }
  }

  /** The path below the log's prefix. */
  public String path() {
    return folder() + (width == FULL ? "" : ".p/" + width);
  }

  /** The full tile in the same place. */
  public TileName full() {
    return new TileName(level, index, FULL);
  }

  /** The path of the folder that holds the partial tiles of this place. */
  public String partials() {
    return folder() + ".p";
  }

  private String folder() {
    String digits = Long.toString(index);
    String padded = "0".repeat((3 - digits.length() % 3) % 3) + digits;
    StringBuilder path =
        new StringBuilder("tile/").append(level == ENTRIES ? "entries" : level).append('/');
    for (int i = 0; i < padded.length(); i += 3) {
      path.append(i + 3 < padded.length() ? "x" : "").append(padded, i, i + 3);
      path.append(i + 3 < padded.length() ? "/" : "");
    }
    return path.toString();
  }

  /** The tile that is served at that path, or empty for a path that is none. */
  public static Optional<TileName> parse(String path) {
    Matcher match = PATH.matcher(path);
    if (!match.matches()) {
      return Optional.empty();
    }
    String digits = match.group(2).replaceAll("[x/]", "");
    int width = match.group(3) == null ? FULL : Integer.parseInt(match.group(3));
    int level = match.group(1).equals("entries") ? ENTRIES : Integer.parseInt(match.group(1));
    if (digits.length() > 18 || level > MAX_LEVEL || (match.group(3) != null && width >= FULL)) {
      return Optional.empty();
    }
    TileName name = new TileName(level, Long.parseLong(digits), width);
    return name.path().equals(path) ? Optional.of(name) : Optional.empty();
  }

  /** The tile or bundle at that place in a tree of {@code size} entries; there must be one. */
  public static TileName in(long size, int level, long index) {
    long hashes = hashes(size, level);
    long width = Math.min(FULL, hashes - index * FULL);
    return new TileName(level, index, (int) width);
  }

  /** How many hashes (or entries) a tree of {@code size} entries has at that tile level. */
  public static long hashes(long size, int level) {
    int shift = Math.max(level, 0) * HEIGHT;
    return shift >= Long.SIZE ? 0 : size >>> shift;
  }

  /**
   * The partial tiles and the partial bundle at the right edge of a tree of {@code size} entries,
   * lowest first.
   */
  public static List<TileName> edge(long size) {
    List<TileName> names = new ArrayList<>();
    for (int level = ENTRIES; level < HEIGHT; level++) {
      long hashes = hashes(size, level);
      if (hashes % FULL != 0) {
        names.add(new TileName(level, hashes / FULL, (int) (hashes % FULL)));
      }
    }
    return names;
  }
}

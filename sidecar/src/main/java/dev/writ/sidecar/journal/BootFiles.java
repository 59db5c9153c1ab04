package dev.writ.sidecar.journal;

import dev.writ.audit.Boot;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * The records of one boot: a directory {@code <ordinal>-<boot>} of segments named by the sequence
 * number of their first line. Lines are contiguous, so a line's number is its place. Not
 * thread-safe.
 */
final class BootFiles {
  private static final String SUFFIX = ".jsonl";

  /**
   * A stretch of whole lines.
   *
   * @param first sequence number of its first line
   * @param bytes length of its whole lines
   */
  record Segment(Path path, long first, long bytes) {}

  /**
   * Lines to read.
   *
   * @param after sequence number before the first of them
   * @param from offset to begin at
   * @param skip lines to pass over from there
   * @param end offset behind the last whole line
   */
  record Stretch(Path path, long after, long from, long skip, long end) {}

  private final Path directory;
  private final long ordinal;
  private final String boot;
  private final List<Segment> segments = new ArrayList<>();
  private long lastSeq;
  private long acknowledged;
  private @Nullable Stretch cursor;

  private BootFiles(Path directory, long ordinal, String boot) {
    this.directory = directory;
    this.ordinal = ordinal;
    this.boot = boot;
  }

  /** Makes the directory of a new boot. */
  static BootFiles create(Path journal, long ordinal, String boot) throws IOException {
    Path directory = journal.resolve(String.format(Locale.ROOT, "%08d-%s", ordinal, boot));
    Files.createDirectory(directory);
    return new BootFiles(directory, ordinal, boot);
  }

  /**
   * Takes over what a predecessor left. A last line without its line feed is cut off: its write
   * never returned, so nothing was forwarded on it.
   *
   * @return null when the directory's name is not one of a boot
   */
  static @Nullable BootFiles reopen(Path directory) throws IOException {
    String name = directory.getFileName().toString();
    if (!name.matches("[0-9]{8}-.*") || !Boot.isValid(name.substring(9))) {
      return null;
    }
    BootFiles files =
        new BootFiles(directory, Long.parseLong(name.substring(0, 8)), name.substring(9));
    List<Path> paths = new ArrayList<>();
    try (DirectoryStream<Path> found = Files.newDirectoryStream(directory, "[0-9]*" + SUFFIX)) {
      found.forEach(paths::add);
    }
    paths.sort(null);
    for (Path path : paths) {
      String file = path.getFileName().toString();
      long first = Long.parseLong(file.substring(0, file.length() - SUFFIX.length()));
      long whole = wholeLines(path);
      files.segments.add(new Segment(path, first, whole));
      files.lastSeq = first - 1 + count(path, whole);
    }
    files.acknowledged = paths.isEmpty() ? 0 : files.segments.getFirst().first() - 1;
    return files;
  }

  private static long wholeLines(Path path) throws IOException {
    try (FileChannel channel =
        FileChannel.open(path, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
      long end = channel.size();
      ByteBuffer one = ByteBuffer.allocate(1);
      while (end > 0) {
        one.clear();
        channel.read(one, end - 1);
        if (one.get(0) == '\n') {
          break;
        }
        end--;
      }
      if (end < channel.size()) {
        channel.truncate(end);
      }
      return end;
    }
  }

  private static long count(Path path, long bytes) throws IOException {
    try (FileChannel channel = FileChannel.open(path, StandardOpenOption.READ)) {
      ByteBuffer block = ByteBuffer.allocate(1 << 16);
      long lines = 0;
      for (long at = 0; at < bytes; ) {
        block.clear();
        int read = channel.read(block, at);
        if (read < 0) {
          throw new IOException("couldn't read " + path + ": it is shorter than it was");
        }
        for (int i = 0; i < read && at + i < bytes; i++) {
          lines += block.get(i) == '\n' ? 1 : 0;
        }
        at += read;
      }
      return lines;
    }
  }

  /** The path of a segment that would begin with {@code first}. */
  Path segmentPath(long first) {
    return directory.resolve(String.format(Locale.ROOT, "%012d%s", first, SUFFIX));
  }

  /** A segment was begun. */
  void began(Path path, long first) {
    segments.add(new Segment(path, first, 0));
  }

  /** A line of so many bytes, line feed included, was added to the last segment. */
  void grew(long seq, int bytes) {
    Segment last = segments.removeLast();
    segments.add(new Segment(last.path(), last.first(), last.bytes() + bytes));
    lastSeq = seq;
  }

  /**
   * Where the lines after {@code after} stand, null when there are none. Reading them needs no
   * lock: written lines do not change.
   */
  @Nullable Stretch stretch(long after) {
    if (after >= lastSeq || segments.isEmpty() || after + 1 < segments.getFirst().first()) {
      return null;
    }
    int index = segments.size() - 1;
    while (segments.get(index).first() > after + 1) {
      index--;
    }
    Segment segment = segments.get(index);
    Stretch last = cursor;
    return last != null && last.path().equals(segment.path()) && last.after() == after
        ? new Stretch(segment.path(), after, last.from(), 0, segment.bytes())
        : new Stretch(segment.path(), after, 0, after + 1 - segment.first(), segment.bytes());
  }

  /** Shipping goes on from here instead of counting lines again. */
  void resumeAt(Stretch next) {
    cursor = next;
  }

  /** Deletes the closed segments whose lines all were acknowledged. @return bytes freed */
  long acknowledge(long seq) throws IOException {
    acknowledged = Math.max(acknowledged, Math.min(seq, lastSeq));
    long freed = 0;
    while (segments.size() > 1 && segments.get(1).first() - 1 <= acknowledged) {
      freed += dropOldest();
    }
    return freed;
  }

  /** Deletes the oldest segment. @return bytes freed */
  long dropOldest() throws IOException {
    Segment oldest = segments.getFirst();
    Files.deleteIfExists(oldest.path());
    segments.removeFirst();
    acknowledged =
        Math.max(acknowledged, segments.isEmpty() ? lastSeq : segments.getFirst().first() - 1);
    return oldest.bytes();
  }

  /** Deletes the directory with all that is in it. @return bytes freed */
  long delete() throws IOException {
    long freed = 0;
    while (!segments.isEmpty()) {
      freed += dropOldest();
    }
    Files.deleteIfExists(directory);
    return freed;
  }

  long bytes() {
    return segments.stream().mapToLong(Segment::bytes).sum();
  }

  int segmentCount() {
    return segments.size();
  }

  long lastSegmentBytes() {
    return segments.isEmpty() ? 0 : segments.getLast().bytes();
  }

  long ordinal() {
    return ordinal;
  }

  String boot() {
    return boot;
  }

  /** Sequence number of the last whole line, 0 for none. */
  long lastSeq() {
    return lastSeq;
  }

  long acknowledged() {
    return acknowledged;
  }
}

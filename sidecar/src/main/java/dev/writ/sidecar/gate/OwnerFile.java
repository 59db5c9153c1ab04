package dev.writ.sidecar.gate;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.function.BiConsumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Owners on disk, so that a restart of the sidecar beside a living app forgets none: one line each,
 * digests alone. A crash of the process loses nothing that was added; what is lost otherwise is
 * nobody's. Not thread-safe.
 */
final class OwnerFile {
  private static final Pattern NAME = Pattern.compile("owners-([0-9]{1,18})");
  private static final Pattern LINE = Pattern.compile("([A-Za-z0-9_-]{43}) ([A-Za-z0-9_-]{43})");

  private final Path directory;
  private long generation;
  private @Nullable FileChannel channel;
  private int lines;

  private OwnerFile(Path directory, long generation) {
    this.directory = directory;
    this.generation = generation;
  }

  /**
   * Reads what an earlier start left. {@link #replace} comes next.
   *
   * @param found told each thing and its owner, oldest first; the last one told holds
   */
  static OwnerFile open(Path directory, BiConsumer<String, String> found) throws IOException {
    List<Path> files = files(directory);
    for (Path file : files) {
      String text = Files.readString(file, StandardCharsets.ISO_8859_1);
      // A last line without its end was torn.
      text.substring(0, text.lastIndexOf('\n') + 1)
          .lines()
          .map(LINE::matcher)
          .filter(Matcher::matches)
          .forEach(line -> found.accept(line.group(1), line.group(2)));
    }
    return new OwnerFile(directory, files.isEmpty() ? 0 : number(files.getLast()));
  }

  private static List<Path> files(Path directory) throws IOException {
    try (Stream<Path> all = Files.list(directory)) {
      return all.filter(file -> NAME.matcher(file.getFileName().toString()).matches())
          .sorted(Comparator.comparingLong(OwnerFile::number))
          .toList();
    }
  }

  private static long number(Path file) {
    return Long.parseLong(file.getFileName().toString().substring("owners-".length()));
  }

  /** How many were added since the file was new. */
  int lines() {
    return lines;
  }

  /** Adds one; it has reached the operating system when this returns. */
  void add(String thing, String owner) throws IOException {
    FileChannel to = channel;
    if (to == null) {
      throw new IOException("no file of owners is open");
    }
    write(to, thing + " " + owner + "\n");
    lines++;
  }

  /**
   * Begins a new file with these and removes the ones before; a crash between leaves both.
   *
   * @throws IOException when it could not; then nothing of the new one is left
   */
  void replace(Map<String, String> owners) throws IOException {
    List<Path> before = new ArrayList<>(files(directory));
    StringBuilder all = new StringBuilder();
    owners.forEach((thing, owner) -> all.append(thing).append(' ').append(owner).append('\n'));
    FileChannel next = begin(directory.resolve("owners-" + ++generation), all.toString());
    FileChannel last = channel;
    channel = next;
    lines = 0;
    if (last != null) {
      last.close();
    }
    for (Path file : before) {
      Files.deleteIfExists(file);
    }
  }

  /** A new file with that text; none when it could not be written. */
  private static FileChannel begin(Path file, String text) throws IOException {
    FileChannel next =
        FileChannel.open(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
    try {
      write(next, text);
      return next;
    } catch (IOException e) {
      try (next) {
        Files.deleteIfExists(file);
      } catch (IOException more) {
        e.addSuppressed(more);
      }
      throw e;
    }
  }

  private static void write(FileChannel to, String text) throws IOException {
    ByteBuffer bytes = ByteBuffer.wrap(text.getBytes(StandardCharsets.ISO_8859_1));
    while (bytes.hasRemaining()) {
      to.write(bytes);
    }
  }
}

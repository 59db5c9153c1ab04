package dev.writ.audit.log;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.UUID;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A log in a folder, on a file system whose rename is atomic and whose fsync is true. A file is
 * written under a name of its own, synced and renamed, and then its folder is synced: a crash or a
 * full disk leaves the old one or the new one, never a part. Thread-safe; several processes may
 * share the folder.
 */
public final class DirectoryStorage implements LogStorage {
  private static final String UNFINISHED = "tmp";
  private static final String LOCK = "lock";
  private static final Duration LEFT_OVER = Duration.ofHours(1);

  /** A file lock is held by the whole process, so threads need one of their own. */
  private static final Object IN_PROCESS = new Object();

  private final Path root;

  private DirectoryStorage(Path root) {
    this.root = root;
  }

  /** A log that is only read: creates and removes nothing. */
  public static LogSource reading(Path root) throws IOException {
    if (!Files.isDirectory(root)) {
      throw new NotDirectoryException(root.toString());
    }
    return new DirectoryStorage(root.toAbsolutePath());
  }

  /**
   * A log that is written; makes the folder when it is missing and removes what a crash left half
   * written.
   */
  public static DirectoryStorage writing(Path root) throws IOException {
    DirectoryStorage storage = new DirectoryStorage(root.toAbsolutePath());
    storage.folder(storage.root.resolve(UNFINISHED));
    storage.removeLeftovers();
    return storage;
  }

  @Override
  public byte @Nullable [] read(String path) throws IOException {
    Path file = resolve(path);
    try {
      return Files.isDirectory(file) ? null : Files.readAllBytes(file);
    } catch (NoSuchFileException e) {
      return null;
    }
  }

  @Override
  public void write(String path, byte[] bytes) throws IOException {
    Path file = resolve(path);
    Path folder = parent(file);
    folder(folder);
    Path unfinished = unfinished();
    try {
      try (FileChannel channel =
          FileChannel.open(unfinished, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
        ByteBuffer rest = ByteBuffer.wrap(bytes);
        while (rest.hasRemaining()) {
          channel.write(rest);
        }
        channel.force(true);
      }
      Files.move(unfinished, file, StandardCopyOption.ATOMIC_MOVE);
    } finally {
      Files.deleteIfExists(unfinished);
    }
    sync(folder);
  }

  private Path unfinished() {
    return root.resolve(UNFINISHED).resolve(UUID.randomUUID().toString());
  }

  /** By the file system's own time: what another writer is writing now is younger than an hour. */
  private void removeLeftovers() throws IOException {
    Path probe = Files.createFile(unfinished());
    Instant old = Files.getLastModifiedTime(probe).toInstant().minus(LEFT_OVER);
    Files.delete(probe);
    for (String name : list(UNFINISHED)) {
      Path file = root.resolve(UNFINISHED).resolve(name);
      try {
        if (Files.getLastModifiedTime(file).toInstant().isBefore(old)) {
          Files.deleteIfExists(file);
        }
      } catch (NoSuchFileException e) {
        // Its writer has finished it.
      }
    }
  }

  @Override
  public boolean replace(String path, byte @Nullable [] expected, byte[] bytes) throws IOException {
    synchronized (IN_PROCESS) {
      try (FileChannel channel =
              FileChannel.open(
                  root.resolve(LOCK), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
          FileLock held = channel.lock()) {
        if (!held.isValid() || !Arrays.equals(read(path), expected)) {
          return false;
        }
        write(path, bytes);
        return true;
      }
    }
  }

  @Override
  public List<String> list(String folder) throws IOException {
    Path path = resolve(folder);
    if (!Files.isDirectory(path)) {
      return List.of();
    }
    try (Stream<Path> files = Files.list(path)) {
      return files.map(file -> String.valueOf(file.getFileName())).toList();
    } catch (UncheckedIOException e) {
      throw e.getCause();
    }
  }

  @Override
  public void delete(String path) throws IOException {
    Path file = resolve(path);
    if (!Files.isDirectory(file)) {
      Files.deleteIfExists(file);
      return;
    }
    Files.walkFileTree(
        file,
        new SimpleFileVisitor<>() {
          @Override
          public FileVisitResult visitFile(Path visited, BasicFileAttributes attributes)
              throws IOException {
            Files.delete(visited);
            return FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult postVisitDirectory(Path visited, @Nullable IOException failure)
              throws IOException {
            if (failure != null) {
              throw failure;
            }
            Files.delete(visited);
            return FileVisitResult.CONTINUE;
          }
        });
  }

  /** Paths are the log's own, but some of them reach here from a URL. */
  private Path resolve(String path) throws IOException {
    Path file = root.resolve(path).normalize();
    if (!file.startsWith(root.normalize()) || file.equals(root.normalize())) {
      throw new IOException("not a path of a log: " + path);
    }
    return file;
  }

  /** Makes a folder so that it is still there after a crash. */
  private void folder(Path folder) throws IOException {
    List<Path> missing = new ArrayList<>();
    for (Path at = folder; !Files.isDirectory(at); at = parent(at)) {
      missing.addFirst(at);
    }
    for (Path each : missing) {
      Files.createDirectories(each);
      sync(parent(each));
    }
  }

  private static Path parent(Path path) throws IOException {
    Path parent = path.getParent();
    if (parent == null) {
      throw new IOException("no folder above " + path);
    }
    return parent;
  }

  private static void sync(Path folder) throws IOException {
    try (FileChannel channel = FileChannel.open(folder, StandardOpenOption.READ)) {
      channel.force(true);
    }
  }
}

package dev.writ.sidecar.spent;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.jspecify.annotations.Nullable;

/**
 * The exclusive lock of one boot on a file of its own. The kernel releases it when the process is
 * dead, and not before: whoever gets it knows that the counters beside it change no more. Never
 * opened twice in one process, because closing any descriptor of the file drops the lock.
 */
final class BootLock implements AutoCloseable {
  private final FileChannel file;

  private BootLock(FileChannel file) {
    this.file = file;
  }

  /** Takes the lock, making the file if need be; null when a process holds it. */
  static @Nullable BootLock tryTake(Path path) throws IOException {
    FileChannel file = FileChannel.open(path, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
    try {
      if (file.tryLock() != null) {
        return new BootLock(file);
      }
    } catch (OverlappingFileLockException _) {
      // Held by this very process: the same as held by another. The descriptor stays open, since
      // closing it would take the lock from its holder.
      return null;
    } catch (IOException e) {
      file.close();
      throw e;
    }
    file.close();
    return null;
  }

  @Override
  public void close() throws IOException {
    file.close();
  }
}

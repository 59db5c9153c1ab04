package dev.writ.sidecar.journal;

import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * A file that only grows. An interface so that a test can let the disk fill up in the middle of a
 * line.
 */
interface AppendFile extends Closeable {
  /**
   * All bytes have reached the operating system when it returns; after an exception any part of
   * them may have.
   */
  void write(ByteBuffer bytes) throws IOException;

  /** Cuts the file to {@code size} bytes and goes on from there. */
  void truncate(long size) throws IOException;

  /** Makes new files. */
  interface Maker {
    /** Creates the file, which must not exist. */
    AppendFile create(Path path) throws IOException;
  }

  /** A real file. */
  static AppendFile onDisk(Path path) throws IOException {
    FileChannel channel =
        FileChannel.open(path, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
    return new AppendFile() {
      @Override
      public void write(ByteBuffer bytes) throws IOException {
        while (bytes.hasRemaining()) {
          channel.write(bytes);
        }
      }

      @Override
      public void truncate(long size) throws IOException {
        channel.truncate(size);
        channel.position(size);
      }

      @Override
      public void close() throws IOException {
        channel.close();
      }
    };
  }
}

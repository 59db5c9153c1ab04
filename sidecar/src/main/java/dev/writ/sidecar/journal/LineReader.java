package dev.writ.sidecar.journal;

import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Reads lines of a file that another thread may be appending to: never beyond the end it was given.
 */
final class LineReader implements Closeable {
  private final FileChannel channel;
  private final byte[] bytes = new byte[1 << 16];
  private final ByteBuffer block = ByteBuffer.wrap(bytes).limit(0);
  private final long end;
  private long blockStart;

  /** Opens the file and goes to the first line of the stretch. */
  LineReader(BootFiles.Stretch stretch) throws IOException {
    this.channel = FileChannel.open(stretch.path(), StandardOpenOption.READ);
    this.blockStart = stretch.from();
    this.end = stretch.end();
    for (long i = 0; i < stretch.skip(); i++) {
      next();
    }
  }

  /** The next line without its line feed, null at the end. */
  byte @Nullable [] next() throws IOException {
    byte[] begun = {};
    while (block.hasRemaining() || fill()) {
      int from = block.position();
      int to = from;
      while (to < block.limit() && bytes[to] != '\n') {
        to++;
      }
      byte[] line = Arrays.copyOf(begun, begun.length + to - from);
      System.arraycopy(bytes, from, line, begun.length, to - from);
      if (to < block.limit()) {
        block.position(to + 1);
        return line;
      }
      block.position(to);
      begun = line;
    }
    return null;
  }

  private boolean fill() throws IOException {
    blockStart += block.limit();
    if (blockStart >= end) {
      block.position(0).limit(0);
      return false;
    }
    block.clear().limit((int) Math.min(block.capacity(), end - blockStart));
    int read = channel.read(block, blockStart);
    if (read <= 0) {
      throw new IOException("couldn't read the journal: it is shorter than it was");
    }
    block.flip();
    return true;
  }

  /** Offset behind the last line that was read. */
  long offset() {
    return blockStart + block.position();
  }

  @Override
  public void close() throws IOException {
    channel.close();
  }
}

package dev.writ.sidecar.control;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Server-sent events from a stream, within a bound. Not thread-safe, but for {@link #lastHeard}.
 * (HTML standard, section 9.2)
 */
final class SseReader {
  private static final int MAX_EVENT = 4 << 20;

  private final InputStream in;
  private final LongSupplier nowMs;
  private final byte[] buffer = new byte[8 * 1024];
  private int position;
  private int end;
  private boolean afterReturn;
  private volatile long lastHeard;

  /**
   * An event.
   *
   * @param name {@code message} where the stream gives none
   */
  record Event(String name, String data) {}

  SseReader(InputStream in, LongSupplier nowMs) {
    this.in = in;
    this.nowMs = nowMs;
    this.lastHeard = nowMs.getAsLong();
  }

  /** When the last byte came, comments (the heartbeat) included. */
  long lastHeard() {
    return lastHeard;
  }

  /**
   * The next event with data, or null at the end of the stream; an event that the end cuts off is
   * dropped.
   */
  @Nullable Event next() throws IOException {
    String name = "message";
    StringBuilder data = new StringBuilder();
    boolean hasData = false;
    for (String line = line(); line != null; line = line()) {
      if (line.isEmpty()) {
        if (hasData) {
          return new Event(name, data.toString());
        }
        name = "message";
        continue;
      }
      int colon = line.indexOf(':');
      String field = colon < 0 ? line : line.substring(0, colon);
      String value =
          colon < 0 ? "" : line.substring(line.startsWith(" ", colon + 1) ? colon + 2 : colon + 1);
      if (field.equals("event")) {
        name = value;
      } else if (field.equals("data")) {
        if (hasData) {
          data.append('\n');
        }
        hasData = true;
        data.append(value);
        if (data.length() > MAX_EVENT) {
          throw new IOException("event is too large");
        }
      }
    }
    return null;
  }

  /** A line ends with LF, CR or both. */
  private @Nullable String line() throws IOException {
    ByteArrayOutputStream line = new ByteArrayOutputStream();
    while (true) {
      if (position == end && !fill()) {
        return null;
      }
      byte b = buffer[position++];
      if (b == '\n' && afterReturn) {
        afterReturn = false;
        continue;
      }
      afterReturn = b == '\r';
      if (b == '\n' || b == '\r') {
        return line.toString(StandardCharsets.UTF_8);
      }
      line.write(b);
      if (line.size() > MAX_EVENT) {
        throw new IOException("line is too long");
      }
    }
  }

  private boolean fill() throws IOException {
    int read = in.read(buffer);
    lastHeard = nowMs.getAsLong();
    position = 0;
    end = Math.max(read, 0);
    return read > 0;
  }
}

package dev.writ.sidecar.gate;

import dev.writ.contract.MalformedException;
import dev.writ.contract.grant.McpLists;
import io.vertx.core.buffer.Buffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * Cuts the lists in an answer while it passes: JSON once it is whole, server-sent events one by
 * one. What it cannot read does not pass. Lives on one event loop. (actions.md, Base protocol)
 */
final class ListCut {
  /** Most bytes of one answer, or of one event. */
  private static final int MAX = 1 << 20;

  private static final byte[] BYTE_ORDER_MARK = {(byte) 0xef, (byte) 0xbb, (byte) 0xbf};

  private final McpLists lists;
  private final boolean events;
  private final List<String> event = new ArrayList<>();
  private Buffer held = Buffer.buffer();
  private long eventBytes;

  /** How much of {@link #held} has no end of a line. */
  private int scanned;

  private boolean begun;

  private ListCut(McpLists lists, boolean events) {
    this.lists = lists;
    this.events = events;
  }

  /**
   * For one answer.
   *
   * @param type its media type, as the app wrote it
   * @return null when no client would look for a list in an answer of this type
   */
  static @Nullable ListCut of(McpLists lists, @Nullable String type) {
    String bare = type == null ? "" : type.toLowerCase(Locale.ROOT).split(";", -1)[0].strip();
    boolean events = bare.equals("text/event-stream");
    return events || bare.endsWith("json") ? new ListCut(lists, events) : null;
  }

  /**
   * What may go on of the answer with this part.
   *
   * @throws MalformedException when the answer cannot be read, or is too large
   */
  Buffer part(Buffer part) throws MalformedException {
    held.appendBuffer(part);
    Buffer passes = Buffer.buffer();
    if (events) {
      lines(passes);
    }
    if (held.length() + eventBytes > MAX) {
      throw new MalformedException("a list of more than " + MAX + " bytes");
    }
    return passes;
  }

  /** Bytes that wait for the rest of what they belong to. */
  long held() {
    return held.length() + eventBytes;
  }

  /** The rest; an event that was not ended is none. */
  Buffer rest() throws MalformedException {
    return events || held.length() == 0
        ? Buffer.buffer()
        : Buffer.buffer(lists.cut(held.getBytes()));
  }

  private void lines(Buffer passes) throws MalformedException {
    int from = 0;
    int at = scanned;
    while (at < held.length()) {
      byte b = held.getByte(at);
      // Of a CR at the end nobody knows yet whether an LF belongs to it.
      if (b == '\r' && at + 1 == held.length()) {
        break;
      }
      if (b == '\n' || b == '\r') {
        line(held.getBytes(from, at), passes);
        at += b == '\r' && held.getByte(at + 1) == '\n' ? 2 : 1;
        from = at;
      } else {
        at++;
      }
    }
    scanned = at - from;
    held = held.getBuffer(from, held.length());
  }

  private void line(byte[] bytes, Buffer passes) throws MalformedException {
    String line = new String(bytes, StandardCharsets.UTF_8);
    if (!begun && bytes.length >= 3 && startsWithMark(bytes)) {
      line = line.substring(1);
    }
    begun = true;
    if (line.isEmpty()) {
      passes.appendString(cut()).appendByte((byte) '\n');
      event.clear();
      eventBytes = 0;
    } else {
      event.add(line);
      eventBytes += bytes.length;
    }
  }

  private static boolean startsWithMark(byte[] bytes) {
    for (int i = 0; i < BYTE_ORDER_MARK.length; i++) {
      if (bytes[i] != BYTE_ORDER_MARK[i]) {
        return false;
      }
    }
    return true;
  }

  /** The lines of an event, its data cut and in the place of its first. */
  private String cut() throws MalformedException {
    StringBuilder data = new StringBuilder();
    for (String line : event) {
      if (isData(line)) {
        data.append(data.length() == 0 ? "" : "\n").append(value(line));
      }
    }
    StringBuilder out = new StringBuilder();
    boolean written = false;
    for (String line : event) {
      if (!isData(line)) {
        out.append(line).append('\n');
      } else if (!written) {
        written = true;
        byte[] json = data.toString().getBytes(StandardCharsets.UTF_8);
        String cut = json.length == 0 ? "" : new String(lists.cut(json), StandardCharsets.UTF_8);
        cut.lines().forEach(part -> out.append("data: ").append(part).append('\n'));
        out.append(cut.isEmpty() ? "data:\n" : "");
      }
    }
    return out.toString();
  }

  private static boolean isData(String line) {
    return line.equals("data") || line.startsWith("data:");
  }

  private static String value(String line) {
    String value = line.substring(Math.min(line.length(), "data:".length()));
    return value.startsWith(" ") ? value.substring(1) : value;
  }
}

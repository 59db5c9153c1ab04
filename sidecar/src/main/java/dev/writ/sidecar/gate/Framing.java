package dev.writ.sidecar.gate;

import io.netty.buffer.ByteBuf;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * What the head of an HTTP/1.1 request says about where the request ends; the one reading of it
 * that is allowed.
 */
sealed interface Framing {
  /** A body of so many bytes, 0 for none. */
  record Length(long bytes) implements Framing {}

  /** A chunked body. */
  record Chunked() implements Framing {}

  /** No body, and what comes next may be another protocol: it depends on the answer. */
  record Upgrade() implements Framing {}

  /**
   * Not a head that two parsers are sure to read alike. The reason is for the log, not for the
   * peer.
   */
  record Broken(String reason) implements Framing {}

  /**
   * Reads a head. Anything that some parser is known to take otherwise is broken: a bare CR or LF,
   * a folded line, white space around a name, a control character, more than one length, a length
   * beside a transfer coding, a coding other than one {@code chunked}. (protocol.md, section 4,
   * step 1)
   *
   * @param bytes holds the head, including the empty line that ends it
   * @param from index of its first byte
   * @param end index behind the empty line
   */
  static Framing of(ByteBuf bytes, int from, int end) {
    // One copy: a checked access for each byte of the buffer would cost more than all the rest
    // here.
    byte[] head = new byte[end - from];
    bytes.getBytes(from, head);
    return new Reader(head).read();
  }

  /** Most fields of a head: each costs many times its bytes in memory. */
  int MAX_FIELDS = 256;

  /** One reading. */
  final class Reader {
    private final byte[] head;
    private int at;
    private long length = -1;
    private boolean chunked;
    private boolean upgrade;
    private int fields;

    private Reader(byte[] head) {
      this.head = head;
    }

    private Framing read() {
      String problem = requestLine();
      while (problem == null && !atEmptyLine()) {
        problem = ++fields > MAX_FIELDS ? "too many fields" : field();
      }
      if (problem == null && chunked && length >= 0) {
        problem = "Content-Length beside Transfer-Encoding";
      }
      if (problem != null) {
        return new Broken(problem);
      }
      if (chunked) {
        return new Chunked();
      }
      return upgrade && length <= 0 ? new Upgrade() : new Length(Math.max(length, 0));
    }

    private boolean atEmptyLine() {
      return at == head.length - 2;
    }

    private @Nullable String requestLine() {
      int start = at;
      while (isToken(head[at])) {
        at++;
      }
      if (at == start || head[at++] != ' ') {
        return "method";
      }
      start = at;
      while (head[at] > ' ' && head[at] < 0x7f) {
        at++;
      }
      if (at == start || head[at++] != ' ') {
        return "target";
      }
      return text(lineEnd()).equals("HTTP/1.1") && endLine() ? null : "version";
    }

    private @Nullable String field() {
      int start = at;
      while (isToken(head[at])) {
        at++;
      }
      if (at == start || head[at] != ':') {
        return "field name";
      }
      String name =
          new String(head, start, at - start, StandardCharsets.US_ASCII).toLowerCase(Locale.ROOT);
      at++;
      int valueEnd = lineEnd();
      return switch (name) {
        case "content-length" -> contentLength(text(valueEnd).strip());
        case "transfer-encoding" -> transferEncoding(text(valueEnd).strip());
        case "upgrade" -> upgrade(text(valueEnd).strip());
        default -> skipTo(valueEnd);
      };
    }

    private @Nullable String contentLength(String value) {
      if (length >= 0
          || value.isEmpty()
          || value.length() > 15
          || !value.chars().allMatch(c -> c >= '0' && c <= '9')) {
        return "Content-Length";
      }
      length = Long.parseLong(value);
      return endLine() ? null : "line end";
    }

    private @Nullable String transferEncoding(String value) {
      if (chunked || !value.equalsIgnoreCase("chunked")) {
        return "Transfer-Encoding";
      }
      chunked = true;
      return endLine() ? null : "line end";
    }

    private @Nullable String upgrade(String value) {
      upgrade |= value.equalsIgnoreCase("websocket");
      return endLine() ? null : "control character in a field";
    }

    private @Nullable String skipTo(int valueEnd) {
      at = valueEnd;
      return endLine() ? null : "control character in a field";
    }

    /** Index of the first byte that cannot stand in a value. */
    private int lineEnd() {
      int i = at;
      while (head[i] == '\t' || ((head[i] & 0xff) >= ' ' && head[i] != 0x7f)) {
        i++;
      }
      return i;
    }

    private String text(int to) {
      String text = new String(head, at, to - at, StandardCharsets.ISO_8859_1);
      at = to;
      return text;
    }

    private boolean endLine() {
      if (head[at] != '\r' || head[at + 1] != '\n') {
        return false;
      }
      at += 2;
      return true;
    }

    private static boolean isToken(byte b) {
      return (b >= 'a' && b <= 'z')
          || (b >= 'A' && b <= 'Z')
          || (b >= '0' && b <= '9')
          || "!#$%&'*+-.^_`|~".indexOf(b) >= 0;
    }
  }
}

package dev.writ.sidecar.h2c;

import io.netty.handler.codec.http2.Http2Headers;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What the head of a request over HTTP/2 may be. The codec is lenient where HTTP/1.1 behind it, or
 * another parser, would read something else. Pure. (RFC 9113, sections 8.2 and 8.3; protocol.md,
 * section 4, step 1)
 */
final class Http2Head {
  private static final Set<String> CONNECTION =
      Set.of(
          "connection",
          "proxy-connection",
          "keep-alive",
          "transfer-encoding",
          "upgrade",
          "http2-settings");
  private static final Set<String> REQUIRED = Set.of(":method", ":scheme", ":path");
  private static final int MAX_DIGITS = 15;

  /** Each costs many times its bytes in memory. */
  private static final int MAX_FIELDS = 256;

  private final Set<String> pseudo = new HashSet<>();
  private int hosts;

  private Http2Head() {}

  /**
   * What is wrong with a head; null when nothing is.
   *
   * @param headers as the codec gave them, pseudo-header fields included
   */
  static @Nullable String problem(Http2Headers headers) {
    if (headers.size() > MAX_FIELDS) {
      return "too many fields";
    }
    Http2Head head = new Http2Head();
    for (Map.Entry<CharSequence, CharSequence> field : headers) {
      String problem = head.field(field.getKey().toString(), field.getValue().toString());
      if (problem != null) {
        return problem;
      }
    }
    if (!hasSoundLength(headers)) {
      return "content-length";
    }
    if (!head.pseudo.containsAll(REQUIRED)) {
      return "a pseudo-header field is missing";
    }
    return head.hosts == 1 ? null : "not exactly one authority";
  }

  /**
   * Whether a head says at most once, and in digits, how long its body is. The codec makes one of
   * two that are equal, so this has to be asked of what came.
   */
  static boolean hasSoundLength(Http2Headers headers) {
    List<CharSequence> lengths = headers.getAll("content-length");
    return lengths.isEmpty() || (lengths.size() == 1 && isLength(lengths.getFirst().toString()));
  }

  private @Nullable String field(String name, String value) {
    if (name.startsWith(":")) {
      return pseudo(name, value);
    }
    if (!isName(name)) {
      return "field name";
    }
    if (CONNECTION.contains(name) || (name.equals("te") && !value.equals("trailers"))) {
      return "connection-specific field";
    }
    if (!isValue(value)) {
      return "field value";
    }
    if (name.equals("host")) {
      hosts++;
    }
    return null;
  }

  private @Nullable String pseudo(String name, String value) {
    if (!pseudo.add(name)) {
      return "repeated pseudo-header field";
    }
    return switch (name) {
      case ":method" -> value.equals("CONNECT") || !isMethod(value) ? "method" : null;
      case ":scheme" -> value.equals("http") || value.equals("https") ? null : "scheme";
      case ":path" -> isPath(value) ? null : "path";
      case ":authority" -> {
        hosts++;
        yield isPrintable(value) ? null : "authority";
      }
      default -> "pseudo-header field";
    };
  }

  private static boolean isMethod(String value) {
    return !value.isEmpty() && value.chars().allMatch(c -> isToken(c) || (c >= 'A' && c <= 'Z'));
  }

  /** Lower case alone: another spelling is malformed. */
  private static boolean isName(String name) {
    return !name.isEmpty() && name.chars().allMatch(Http2Head::isToken);
  }

  private static boolean isToken(int c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || "!#$%&'*+-.^_`|~".indexOf(c) >= 0;
  }

  private static boolean isPath(String value) {
    return (value.startsWith("/") || value.equals("*")) && isPrintable(value);
  }

  private static boolean isPrintable(String value) {
    return !value.isEmpty() && value.chars().allMatch(c -> c > ' ' && c < 0x7f);
  }

  private static boolean isValue(String value) {
    return value.equals(value.strip())
        && value.chars().allMatch(c -> c == '\t' || (c >= ' ' && c <= 0xff && c != 0x7f));
  }

  private static boolean isLength(String value) {
    return !value.isEmpty()
        && value.length() <= MAX_DIGITS
        && value.chars().allMatch(c -> c >= '0' && c <= '9');
  }
}

package dev.writ.sidecar.h2c;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.handler.codec.http2.DefaultHttp2Headers;
import io.netty.handler.codec.http2.Http2Headers;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** What passes as the head of a request over HTTP/2 is one that HTTP/1.1 could say as well. */
final class Http2HeadTest {
  private static final Pattern NAME = Pattern.compile("[!#$%&'*+.^_`|~0-9a-z-]+");
  private static final Pattern VALUE = Pattern.compile("[\\t -~\\x80-\\xff]*");
  private static final List<String> NAMES =
      List.of(
          ":method",
          ":scheme",
          ":path",
          ":authority",
          ":status",
          ":protocol",
          "host",
          "te",
          "Te",
          "connection",
          "transfer-encoding",
          "content-length",
          "x",
          "x y",
          "upgrade",
          "");
  private static final List<String> VALUES =
      List.of(
          "POST",
          "GET",
          "CONNECT",
          "http",
          "https",
          "/a",
          "*",
          "a",
          "",
          " ",
          "trailers",
          "5",
          "5,5",
          "-5",
          "a\r\nb: c",
          "a\0",
          "/a b",
          "http://a/b",
          "websocket",
          "a ",
          "\u00e9",
          "\u0151");

  private static Http2Headers sound() {
    return new DefaultHttp2Headers(false)
        .add(":method", "POST")
        .add(":scheme", "http")
        .add(":path", "/a")
        .add(":authority", "x");
  }

  @Test
  void aSoundHeadPasses() {
    assertThat(Http2Head.problem(sound())).isNull();
    assertThat(Http2Head.problem(sound().add("te", "trailers").add("content-length", "5")))
        .isNull();
    Http2Headers byHost = sound().add("host", "x");
    byHost.remove(":authority");
    assertThat(Http2Head.problem(byHost)).isNull();
  }

  @Test
  void whateverPassesCouldBeSaidInHttp1AndInOneWayAlone() {
    long seed = Long.getLong("writ.seed", new Random().nextLong());
    Random random = new Random(seed);
    int passed = 0;
    for (int i = 0; i < 20_000; i++) {
      Http2Headers headers = sound();
      for (int change = 1 + random.nextInt(2); change > 0; change--) {
        String name = NAMES.get(random.nextInt(NAMES.size()));
        String value = VALUES.get(random.nextInt(VALUES.size()));
        switch (random.nextInt(3)) {
          case 0 -> headers.remove(name);
          case 1 -> headers.add(name, value);
          default -> headers.set(name, value);
        }
      }
      if (Http2Head.problem(headers) == null) {
        passed++;
        assertSpeakable(headers, "seed " + seed + ": " + headers);
      }
    }
    assertThat(passed).isPositive();
  }

  private static void assertSpeakable(Http2Headers headers, String what) {
    for (String once : List.of(":method", ":scheme", ":path")) {
      assertThat(headers.getAll(once)).as(what).hasSize(1);
    }
    assertThat(headers.getAll(":authority").size() + headers.getAll("host").size())
        .as(what)
        .isEqualTo(1);
    assertThat(headers.getAll("content-length").size()).as(what).isLessThanOrEqualTo(1);
    assertThat(headers.path().toString()).as(what).matches("(/[!-~]*|[*])");
    assertThat(headers.method().toString()).as(what).matches(NAME.pattern() + "|[A-Z]+");
    for (Map.Entry<CharSequence, CharSequence> field : headers) {
      String name = field.getKey().toString();
      assertThat(name).as(what).isNotIn(":status", ":protocol", "connection", "upgrade");
      assertThat(name).as(what).isNotEqualTo("transfer-encoding");
      if (!name.startsWith(":")) {
        assertThat(NAME.matcher(name).matches()).as(what).isTrue();
        assertThat(VALUE.matcher(field.getValue()).matches()).as(what).isTrue();
      }
    }
  }
}

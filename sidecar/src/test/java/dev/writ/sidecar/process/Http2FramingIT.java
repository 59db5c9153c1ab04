package dev.writ.sidecar.process;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import dev.writ.contract.Names;
import dev.writ.contract.key.PrivateKey;
import dev.writ.contract.verify.Field;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * HTTP/2 that no library sends: each case is a call that would be granted but for the one thing
 * that is wrong with it. No app, of gRPC or of HTTP/1.1 behind the same kind of gate, may see one.
 */
final class Http2FramingIT {
  private static final Issuer ISSUER = new Issuer();
  private static final String TRANSFER = "/bank.v1.Payments/Transfer";
  private static final byte[] MESSAGE = GrpcApp.message("pay").getBytes();
  private static final byte[] NONE = new byte[0];
  private static final int REFUSED = -2;
  private static final int WINDOW = 8;
  @TempDir private static Path directory;
  private static GrpcApp grpc;
  private static App http;
  private static RunningSidecar sidecar;
  private static int httpPort;
  private final PrivateKey key = PrivateKey.generate();

  @BeforeAll
  static void start() throws Exception {
    grpc = new GrpcApp();
    http = new App();
    httpPort = RunningSidecar.freePort();
    sidecar = new RunningSidecar(directory, ISSUER, grpc.port());
    sidecar.environment.put("WRIT_SERVICES", Issuer.SERVICE + "," + Issuer.SERVICE);
    sidecar.environment.put("WRIT_PROTOCOL", "grpc,http");
    sidecar.environment.merge("WRIT_LISTEN", ",127.0.0.1:" + httpPort, String::concat);
    sidecar.environment.merge("WRIT_UPSTREAM", ",127.0.0.1:" + http.port(), String::concat);
    sidecar.start();
  }

  @AfterAll
  static void stop() throws Exception {
    sidecar.close();
    grpc.close();
    http.close();
  }

  /** Whatever a test sent: no app saw it, and the gate serves whoever comes next. */
  @AfterEach
  void nothingGotThroughAndTheGateStillServes() throws Exception {
    assertThat(grpc.seen).isEmpty();
    assertThat(http.seen).isEmpty();
    try (Http2Caller caller = caller(sidecar.port)) {
      assertThat(caller.call(TRANSFER, MESSAGE).field("grpc-status")).contains("0");
    }
    grpc.seen.clear();
  }

  private Http2Caller caller(int port) throws IOException {
    Issuer.Draft draft = ISSUER.contract(key);
    draft.rules =
        "[{\"action\":\"pay\",\"grpc\":{\"service\":\"bank.v1.Payments\",\"methods\":[\"Transfer\"],"
            + "\"streaming\":true}},"
            + "{\"action\":\"post\",\"http\":{\"methods\":[\"POST\",\"CONNECT\"],"
            + "\"paths\":[{\"type\":\"Prefix\",\"value\":\"/\"}]}}]";
    return new Http2Caller(port, key, draft.sign());
  }

  @Test
  void aHeadThatTwoParsersReadDifferentlyResetsItsStream() throws Exception {
    for (int port : new int[] {sidecar.port, httpPort}) {
      for (Map.Entry<String, UnaryOperator<List<Field>>> one : heads().entrySet()) {
        try (Http2Caller caller = caller(port)) {
          List<Field> evil = one.getValue().apply(caller.head(TRANSFER, MESSAGE));
          assertThat(outcome(caller.wire, evil)).as(one.getKey()).isGreaterThanOrEqualTo(0);
        }
      }
    }
    assertThat(sidecar.metric("writ_framing_refused_total")).isGreaterThanOrEqualTo(20);
  }

  @Test
  void whoGivesNoWindowForAnAnswerOfOursIsGivenUp() throws Exception {
    // Given: no byte of an answer may be sent
    byte[] initialWindow = {0, 4, 0, 0, 0, 0};
    try (Http2Wire wire = new Http2Wire(sidecar.port)) {
      wire.send(Http2Wire.SETTINGS, 0, 0, initialWindow);
      // When: refused for want of a contract, and a challenge
      int refused = wire.request(Http2Wire.head("GET", "/v1", List.of()), new byte[0]);
      int challenge =
          wire.request(
              Http2Wire.head(
                  "GET", Names.CHALLENGE_PATH + "?jkt=" + key.publicKey().thumbprint(), List.of()),
              new byte[0]);
      // Then
      Set<Integer> reset = new HashSet<>();
      while (reset.size() < 2) {
        Http2Wire.Frame frame = wire.read();
        assertThat(frame.type()).isNotEqualTo(Http2Wire.DATA);
        if (frame.type() == Http2Wire.RST_STREAM) {
          reset.add(frame.stream());
        }
      }
      assertThat(reset).containsExactlyInAnyOrder(refused, challenge);
    }
  }

  /** Error code of the reset, or {@link #REFUSED} when it was answered with a problem. */
  private static int outcome(Http2Wire wire, List<Field> fields) throws IOException {
    Http2Wire.Reply reply = wire.reply(wire.request(fields, MESSAGE));
    return reply.reset() < 0 && reply.status() == 400 ? REFUSED : reply.reset();
  }

  private static Map<String, UnaryOperator<List<Field>>> heads() {
    Map<String, UnaryOperator<List<Field>>> evil = new LinkedHashMap<>();
    for (String pseudo : List.of(":method", ":scheme", ":path", ":authority")) {
      evil.put("without " + pseudo, head -> without(head, pseudo));
      evil.put("twice " + pseudo, head -> first(head, find(head, pseudo)));
      evil.put("two of " + pseudo, head -> first(head, new Field(pseudo, "/x")));
      evil.put("late " + pseudo, head -> last(without(head, pseudo), find(head, pseudo)));
      evil.put("empty " + pseudo, head -> replace(head, pseudo, ""));
    }
    evil.put("host beside authority", head -> last(head, new Field("host", "ledger.bank")));
    evil.put("another host", head -> last(head, new Field("host", "evil.bank")));
    evil.put(
        "two hosts",
        head ->
            last(
                last(without(head, ":authority"), new Field("host", "ledger.bank")),
                new Field("host", "evil.bank")));
    evil.put("status", head -> first(head, new Field(":status", "200")));
    evil.put("unknown pseudo", head -> first(head, new Field(":other", "x")));
    evil.put("connect", head -> replace(head, ":method", "CONNECT"));
    evil.put(
        "extended connect",
        head -> first(replace(head, ":method", "CONNECT"), new Field(":protocol", "websocket")));
    evil.put("websocket", head -> first(head, new Field(":protocol", "websocket")));
    evil.put("lines in method", head -> replace(head, ":method", "POST / HTTP/1.1\r\nX: y"));
    evil.put("space in method", head -> replace(head, ":method", "POST /x"));
    evil.put("absolute path", head -> replace(head, ":path", "http://evil" + TRANSFER));
    evil.put("bare path", head -> replace(head, ":path", TRANSFER.substring(1)));
    evil.put("space in path", head -> replace(head, ":path", TRANSFER + " HTTP/1.1"));
    evil.put("lines in path", head -> replace(head, ":path", TRANSFER + "\r\nX: y"));
    evil.put("NUL in path", head -> replace(head, ":path", TRANSFER + "\u0000"));
    evil.put("scheme", head -> replace(head, ":scheme", "ftp"));
    evil.put("lines in authority", head -> replace(head, ":authority", "ledger.bank\r\nX: y"));
    evil.put("user in authority", head -> replace(head, ":authority", "me@ledger.bank"));
    for (Field one :
        List.of(
            new Field("connection", "close"),
            new Field("connection", "x-secret"),
            new Field("proxy-connection", "keep-alive"),
            new Field("keep-alive", "timeout=5"),
            new Field("transfer-encoding", "chunked"),
            new Field("transfer-encoding", "identity"),
            new Field("upgrade", "websocket"),
            new Field("upgrade", "h2c"),
            new Field("http2-settings", "AAMAAABkAAQCAAAAAAIAAAAA"),
            new Field("te", "gzip"),
            new Field("te", "trailers, deflate"),
            new Field("X-Upper", "x"),
            new Field("x space", "x"),
            new Field("x:colon", "x"),
            new Field("", "x"),
            new Field("x\u0000", "x"),
            new Field("x\r\ny", "x"),
            new Field("x\u00e9", "x"),
            new Field("x", "a\r\ny: b"),
            new Field("x", "a\nb"),
            new Field("x", "a\u0000b"),
            new Field("x", " a"),
            new Field("x", "a\t"),
            new Field("content-length", "5"),
            new Field("content-length", "9"),
            new Field("content-length", "0"),
            new Field("content-length", "+8"),
            new Field("content-length", "0x8"),
            new Field("content-length", "8, 9"),
            new Field("content-length", "-8"),
            new Field("content-length", "99999999999999999999"),
            new Field("content-length", ""))) {
      evil.put(one.toString(), head -> last(head, one));
    }
    evil.put(
        "two equal lengths",
        head ->
            last(last(head, new Field("content-length", "8")), new Field("content-length", "8")));
    evil.put("equal lengths in one", head -> last(head, new Field("content-length", "8, 8")));
    evil.put(
        "two lengths",
        head ->
            last(last(head, new Field("content-length", "8")), new Field("content-length", "9")));
    return evil;
  }

  @Test
  void whatMayComeOnceComesOnce() throws Exception {
    for (int port : new int[] {sidecar.port, httpPort}) {
      for (String name :
          List.of("capability-contract", "content-digest", "signature", "content-type")) {
        try (Http2Caller caller = caller(port)) {
          List<Field> head = caller.head(TRANSFER, MESSAGE);
          assertThat(outcome(caller.wire, last(head, find(head, name))))
              .as(name)
              .isEqualTo(REFUSED);
        }
      }
    }
  }

  @Test
  void trailersOfARequestResetItsStream() throws Exception {
    for (int port : new int[] {sidecar.port, httpPort}) {
      try (Http2Caller caller = caller(port)) {
        int on = caller.wire.next();
        byte[] head = Http2Wire.block(caller.head(TRANSFER, MESSAGE));
        caller.wire.send(Http2Wire.HEADERS, Http2Wire.END_HEADERS, on, head);
        caller.wire.send(Http2Wire.DATA, 0, on, MESSAGE);
        caller.wire.send(
            Http2Wire.HEADERS,
            Http2Wire.END_HEADERS | Http2Wire.END_STREAM,
            on,
            Http2Wire.block(List.of(new Field("x", "y"))));

        assertThat(caller.wire.reply(on).reset()).isEqualTo(1);
      }
    }
  }

  @Test
  void framesOutOfPlaceEndTheConnection() throws Exception {
    for (int port : new int[] {sidecar.port, httpPort}) {
      for (Map.Entry<String, byte[]> one : frames(caller(port)).entrySet()) {
        try (Http2Wire wire = new Http2Wire(port)) {
          wire.send(one.getValue());
          assertThat(wire.closed()).as(one.getKey()).isTrue();
        } catch (java.net.SocketException _) {
          // Closed while we were still sending: as well.
        }
      }
    }
  }

  private static Map<String, byte[]> frames(Http2Caller caller) throws IOException {
    byte[] head = Http2Wire.block(caller.head(TRANSFER, MESSAGE));
    caller.close();
    int whole = Http2Wire.END_HEADERS | Http2Wire.END_STREAM;
    Map<String, byte[]> evil = new LinkedHashMap<>();
    evil.put("data on the connection", Http2Wire.frame(Http2Wire.DATA, 1, 0, MESSAGE));
    evil.put("data on no stream", Http2Wire.frame(Http2Wire.DATA, 1, 1, MESSAGE));
    evil.put("head on the connection", Http2Wire.frame(Http2Wire.HEADERS, whole, 0, head));
    evil.put("head on an even stream", Http2Wire.frame(Http2Wire.HEADERS, whole, 2, head));
    evil.put("continuation of nothing", Http2Wire.frame(Http2Wire.CONTINUATION, 4, 1, head));
    evil.put(
        "data within a head",
        join(
            Http2Wire.frame(Http2Wire.HEADERS, 0, 1, head),
            Http2Wire.frame(Http2Wire.DATA, 1, 1, MESSAGE)));
    evil.put(
        "another stream within a head",
        join(
            Http2Wire.frame(Http2Wire.HEADERS, 0, 1, head),
            Http2Wire.frame(Http2Wire.HEADERS, whole, 3, head)));
    evil.put(
        "push promise", Http2Wire.frame(Http2Wire.PUSH_PROMISE, 4, 1, join(new byte[4], head)));
    evil.put("reset of no stream", Http2Wire.frame(Http2Wire.RST_STREAM, 0, 1, new byte[4]));
    evil.put("short settings", Http2Wire.frame(Http2Wire.SETTINGS, 0, 0, new byte[5]));
    evil.put("settings on a stream", Http2Wire.frame(Http2Wire.SETTINGS, 0, 1, new byte[6]));
    evil.put("short ping", Http2Wire.frame(Http2Wire.PING, 0, 0, new byte[7]));
    evil.put("ping on a stream", Http2Wire.frame(Http2Wire.PING, 0, 1, new byte[8]));
    evil.put("window of 0", Http2Wire.frame(WINDOW, 0, 0, new byte[4]));
    evil.put("a frame of 17 KiB", Http2Wire.frame(Http2Wire.DATA, 0, 1, new byte[17 * 1024]));
    evil.put("padding beyond the frame", Http2Wire.frame(Http2Wire.HEADERS, whole | 8, 1, pad()));
    evil.put("an index of no table", Http2Wire.frame(Http2Wire.HEADERS, whole, 1, index()));
    evil.put("HTTP/1.1 in HTTP/2", "GET / HTTP/1.1\r\nHost: x\r\n\r\n".getBytes(ISO_8859_1));
    return evil;
  }

  private static byte[] pad() {
    return new byte[] {(byte) 200, 0};
  }

  private static byte[] index() {
    return new byte[] {(byte) 0xff, (byte) 0xff, 0x7f};
  }

  @Test
  void floodsEndTheConnectionAndNothingElse() throws Exception {
    byte[] opened = Http2Wire.block(Http2Wire.head("POST", TRANSFER, List.of()));
    Map<String, byte[]> floods = new LinkedHashMap<>();
    floods.put("settings", repeat(2_000, i -> Http2Wire.frame(Http2Wire.SETTINGS, 0, 0, NONE)));
    floods.put("pings", repeat(2_000, i -> Http2Wire.frame(Http2Wire.PING, 0, 0, new byte[8])));
    floods.put(
        "priorities",
        repeat(2_000, i -> Http2Wire.frame(Http2Wire.PRIORITY, 0, 2 * i + 1, new byte[5])));
    floods.put(
        "windows", repeat(2_000, i -> Http2Wire.frame(WINDOW, 0, 0, new byte[] {0, 0, 0, 1})));
    floods.put("unknown frames", repeat(2_000, i -> Http2Wire.frame(200, 0, 0, NONE)));
    floods.put(
        "resets",
        repeat(
            2_000,
            i ->
                join(
                    Http2Wire.frame(Http2Wire.HEADERS, Http2Wire.END_HEADERS, 2 * i + 1, opened),
                    Http2Wire.frame(Http2Wire.RST_STREAM, 0, 2 * i + 1, new byte[] {0, 0, 0, 8}))));
    floods.put(
        "malformed heads, whose streams the gate resets",
        repeat(
            2_000,
            i ->
                Http2Wire.frame(
                    Http2Wire.HEADERS,
                    Http2Wire.END_HEADERS,
                    2 * i + 1,
                    Http2Wire.block(List.of(new Field(":method", "GET"))))));
    floods.put(
        "continuations",
        join(
            Http2Wire.frame(Http2Wire.HEADERS, 0, 1, opened),
            repeat(2_000, i -> Http2Wire.frame(Http2Wire.CONTINUATION, 0, 1, NONE))));
    floods.put(
        "continuations that grow",
        join(
            Http2Wire.frame(Http2Wire.HEADERS, 0, 1, opened),
            repeat(
                100,
                i ->
                    Http2Wire.frame(
                        Http2Wire.CONTINUATION,
                        0,
                        1,
                        Http2Wire.block(List.of(new Field("x" + i, "x".repeat(16_000))))))));
    floods.put(
        "empty data",
        join(
            Http2Wire.frame(Http2Wire.HEADERS, Http2Wire.END_HEADERS, 1, opened),
            repeat(2_000, i -> Http2Wire.frame(Http2Wire.DATA, 0, 1, NONE))));

    for (Map.Entry<String, byte[]> flood : floods.entrySet()) {
      try (Http2Wire wire = new Http2Wire(sidecar.port)) {
        wire.send(flood.getValue());
        assertThat(wire.closed()).as(flood.getKey()).isTrue();
      } catch (java.net.SocketException _) {
        // Closed while we were still sending: as well.
      }
    }
    assertThat(sidecar.log())
        .as("a stranger's frames are counted, not told")
        .doesNotContain("ERROR");
  }

  @Test
  void aHeadThatIsTooLargeIsRefused() throws Exception {
    try (Http2Caller caller = caller(sidecar.port)) {
      List<Field> large = caller.head(TRANSFER, MESSAGE);
      for (int i = 0; i < 5; i++) {
        large = last(large, new Field("x" + i, "x".repeat(15_000)));
      }
      byte[] block = Http2Wire.block(large);
      int on = caller.wire.next();
      int part = 16_000;
      caller.wire.send(Http2Wire.HEADERS, 0, on, java.util.Arrays.copyOf(block, part));
      for (int at = part; at < block.length; at += part) {
        int to = Math.min(block.length, at + part);
        caller.wire.send(
            Http2Wire.CONTINUATION,
            to == block.length ? Http2Wire.END_HEADERS : 0,
            on,
            java.util.Arrays.copyOfRange(block, at, to));
      }

      Http2Wire.Reply reply = caller.wire.reply(on);

      assertThat(reply.status() == 431 || reply.reset() >= 0).as(reply.toString()).isTrue();
    }
  }

  @Test
  void aHeadThatDoesNotEndIsGivenUp() throws Exception {
    try (Http2Caller caller = caller(sidecar.port)) {
      byte[] head = Http2Wire.block(caller.head(TRANSFER, MESSAGE));
      caller.wire.send(Http2Wire.HEADERS, Http2Wire.END_STREAM, caller.wire.next(), head);

      assertThat(caller.wire.closed()).isTrue();
    }
  }

  @Test
  void anUpgradeToHttp2IsRefusedWithAContractToo() throws Exception {
    try (Caller caller = new Caller(httpPort, key, ISSUER.contract(key).sign())) {
      caller.wire.send(
          caller.request(
              "GET",
              "/read",
              "",
              NONE,
              "Connection: Upgrade, HTTP2-Settings",
              "Upgrade: h2c",
              "HTTP2-Settings: AAMAAABkAAQCAAAAAAIAAAAA"));

      Wire.Reply reply = caller.wire.reply(false);

      assertThat(reply.status()).isEqualTo(403);
      assertThat(reply.code()).isEqualTo("action-not-granted");
    }
  }

  @Test
  void anAppOfHttp1GetsACallOverHttp2AsHttp1() throws Exception {
    try (Http2Caller caller = caller(httpPort)) {
      Http2Wire.Reply reply = caller.call("/v1/transfers", MESSAGE);

      assertThat(reply.status()).isEqualTo(200);
      assertThat(reply.text()).isEqualTo("{\"seen\":1}");
      assertThat(http.seen)
          .singleElement()
          .satisfies(
              seen -> {
                assertThat(seen.text().getBytes(ISO_8859_1)).isEqualTo(MESSAGE);
                assertThat(seen.headers().get("Host")).containsExactly("ledger.bank");
                assertThat(seen.headers().get("Content-Length")).containsExactly("8");
                assertThat(seen.headers()).doesNotContainKeys("Te", "Transfer-encoding");
              });
    }
    http.seen.clear();
  }

  private interface Numbered {
    byte[] frame(int i);
  }

  private static byte[] repeat(int times, Numbered frames) {
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    for (int i = 0; i < times; i++) {
      all.writeBytes(frames.frame(i));
    }
    return all.toByteArray();
  }

  private static byte[] join(byte[]... parts) {
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    for (byte[] part : parts) {
      all.writeBytes(part);
    }
    return all.toByteArray();
  }

  private static Field find(List<Field> head, String name) {
    return head.stream().filter(field -> field.name().equals(name)).findFirst().orElseThrow();
  }

  private static List<Field> without(List<Field> head, String name) {
    return head.stream().filter(field -> !field.name().equals(name)).toList();
  }

  private static List<Field> replace(List<Field> head, String name, String value) {
    return head.stream()
        .map(field -> field.name().equals(name) ? new Field(name, value) : field)
        .toList();
  }

  private static List<Field> first(List<Field> head, Field field) {
    List<Field> all = new ArrayList<>(List.of(field));
    all.addAll(head);
    return all;
  }

  private static List<Field> last(List<Field> head, Field field) {
    List<Field> all = new ArrayList<>(head);
    all.add(field);
    return all;
  }
}

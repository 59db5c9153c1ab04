package dev.writ.sidecar.process;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import dev.writ.contract.key.PrivateKey;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Apps that answer what no server should: a caller gets a whole answer of one kind, or none. */
final class OddAnswersIT {
  private static final Issuer ISSUER = new Issuer();
  private static final String SOUND = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nsound";
  @TempDir private static Path directory;
  private static ServerSocket app;
  private static RunningSidecar gate;
  private static volatile String next = SOUND;
  private final PrivateKey key = PrivateKey.generate();

  @BeforeAll
  static void start() throws Exception {
    app = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    Thread.ofVirtual().start(OddAnswersIT::accept);
    gate = new RunningSidecar(directory, ISSUER, app.getLocalPort()).start();
  }

  @AfterAll
  static void stop() throws Exception {
    gate.close();
    app.close();
  }

  private static void accept() {
    while (!app.isClosed()) {
      try {
        Socket socket = app.accept();
        Thread.ofVirtual().start(() -> serve(socket));
      } catch (IOException _) {
        return;
      }
    }
  }

  /** Answers the next request with what the test wants, and those after it soundly. */
  private static void serve(Socket socket) {
    try (socket) {
      InputStream in = socket.getInputStream();
      StringBuilder head = new StringBuilder();
      for (int b = in.read(); b >= 0; b = in.read()) {
        head.append((char) b);
        if (head.indexOf("\r\n\r\n") >= 0) {
          head.setLength(0);
          socket.getOutputStream().write(next.getBytes(ISO_8859_1));
          next = SOUND;
        }
      }
    } catch (IOException _) {
      // The gate wants no more of it.
    }
  }

  private static String lines(String... lines) {
    return String.join("\r\n", lines);
  }

  private Caller caller() throws IOException {
    return new Caller(gate.port, key, ISSUER.contract(key).sign());
  }

  @Test
  void whatIsNoAnswerIsNotPassedOn() throws Exception {
    Map<String, String> odd = new LinkedHashMap<>();
    odd.put("interim answer", "HTTP/1.1 102 Processing\r\n\r\n" + SOUND);
    odd.put("unknown interim answer", "HTTP/1.1 199 Soon\r\n\r\n" + SOUND);
    odd.put(
        "switch that nobody asked for",
        "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\nx");
    odd.put("four digits", "HTTP/1.1 1000 Odd\r\nContent-Length: 2\r\n\r\nok");
    odd.put("two digits", "HTTP/1.1 99 Odd\r\nContent-Length: 2\r\n\r\nok");
    odd.put(
        "two lengths", "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 5\r\n\r\nsound");
    odd.put(
        "a length beside chunks",
        lines(
            "HTTP/1.1 200 OK",
            "Content-Length: 3",
            "Transfer-Encoding: chunked",
            "",
            "5",
            "sound",
            "0",
            "",
            ""));
    odd.put("NUL", "HTTP/1.1 200 OK\r\nX: a\u0000b\r\nContent-Length: 2\r\n\r\nok");
    odd.put("bare CR", "HTTP/1.1 200 OK\r\nX: a\rY: b\r\nContent-Length: 2\r\n\r\nok");
    odd.put("another protocol", "220 mail.example ESMTP\r\n\r\n");
    for (Map.Entry<String, String> one : odd.entrySet()) {
      try (Caller caller = caller()) {
        // When
        next = one.getValue();
        Wire.Reply reply = caller.get("/read");
        // Then
        assertThat(reply.status()).as(one.getKey()).isEqualTo(502);
        assertThat(reply.code()).as(one.getKey()).isEqualTo("upstream-unavailable");
        assertThat(caller.get("/read").text()).as("after " + one.getKey()).isEqualTo("sound");
      }
    }
  }

  @Test
  void anInterimAnswerThatHttpKnowsIsLeftOut() throws Exception {
    for (String interim : new String[] {"100 Continue", "103 Early Hints\r\nLink: </x>"}) {
      try (Caller caller = caller()) {
        next = "HTTP/1.1 " + interim + "\r\n\r\n" + SOUND;
        assertThat(caller.get("/read").text()).as(interim).isEqualTo("sound");
      }
    }
  }

  @Test
  void anAppCannotSpeakForTheGate() throws Exception {
    try (Caller caller = caller()) {
      // Given
      next =
          lines(
              "HTTP/1.1 401 Unauthorized",
              "Connection: x-hop, capability-receipt",
              "X-Hop: evil",
              "Capability-Nonce: evil",
              "Capability.Remaining: evil",
              "WWW-Authenticate: Capability error=\"use-nonce\"",
              "WWW-Authenticate: Basic realm=\"app\"",
              "Content-Length: 2",
              "",
              "no");
      // When
      Wire.Reply reply = caller.get("/read");
      // Then
      assertThat(reply.text()).isEqualTo("no");
      assertThat(reply.fields()).noneMatch(field -> field.value().contains("evil"));
      assertThat(reply.field("capability-receipt")).isPresent();
      assertThat(reply.fields())
          .filteredOn(field -> field.name().equals("www-authenticate"))
          .singleElement()
          .satisfies(field -> assertThat(field.value()).startsWith("Basic"));
    }
  }
}

package dev.writ.operator.records;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.writ.operator.config.LogPlace.Bucket;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Object stores on which a log would not be safe, or that fail, played by a few lines. */
class UnsafeStoreIT {
  private static final String TAG = "\"same-for-all\"";
  private final Map<String, byte[]> objects = new ConcurrentHashMap<>();
  private final List<String> requests = new CopyOnWriteArrayList<>();
  private final AtomicInteger failures = new AtomicInteger();
  private boolean honoursNoneMatch;
  private boolean honoursMatch;
  private boolean answersAreLost;
  private HttpServer server;

  @BeforeEach
  void setUp() throws IOException {
    System.setProperty("aws.accessKeyId", "writ-test");
    System.setProperty("aws.secretAccessKey", "not-to-be-seen-anywhere");
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext("/", this::answer);
    server.start();
  }

  @AfterEach
  void tearDown() {
    System.clearProperty("aws.accessKeyId");
    System.clearProperty("aws.secretAccessKey");
    server.stop(0);
  }

  private S3Storage open() throws IOException {
    URI endpoint = URI.create("http://127.0.0.1:" + server.getAddress().getPort());
    return S3Storage.open(new Bucket("writ-log", "", "us-east-1", Optional.of(endpoint)));
  }

  private void answer(HttpExchange exchange) throws IOException {
    byte[] body = payload(exchange);
    String key = exchange.getRequestURI().getPath();
    requests.add(exchange.getRequestMethod() + " " + key);
    byte[] present = objects.get(key);
    switch (exchange.getRequestMethod()) {
      case "PUT" -> put(exchange, key, present, body);
      case "GET" -> {
        exchange.getResponseHeaders().add("ETag", TAG);
        send(exchange, present == null ? 404 : 200, present == null ? new byte[0] : present);
      }
      default -> {
        objects.remove(key);
        send(exchange, 204, new byte[0]);
      }
    }
  }

  /** One byte is one chunk, whose signature nobody looks at here. */
  private static byte[] payload(HttpExchange exchange) throws IOException {
    byte[] body = exchange.getRequestBody().readAllBytes();
    String hash = exchange.getRequestHeaders().getFirst("x-amz-content-sha256");
    if (hash == null || !hash.startsWith("STREAMING-")) {
      return body;
    }
    String text = new String(body, StandardCharsets.ISO_8859_1);
    int begin = text.indexOf("\r\n") + 2;
    int length = Integer.parseInt(text.substring(0, text.indexOf(';')), 16);
    return Arrays.copyOfRange(body, begin, begin + length);
  }

  private void put(HttpExchange exchange, String key, byte[] present, byte[] body)
      throws IOException {
    String match = exchange.getRequestHeaders().getFirst("If-Match");
    boolean none = exchange.getRequestHeaders().containsKey("If-None-Match");
    boolean refused =
        (none && honoursNoneMatch && present != null)
            || (match != null && honoursMatch && (present == null || !match.equals(TAG)));
    if (refused) {
      send(exchange, 412, new byte[0]);
      return;
    }
    objects.put(key, body);
    if (answersAreLost && failures.getAndIncrement() == 0) {
      send(exchange, 503, new byte[0]);
      return;
    }
    exchange.getResponseHeaders().add("ETag", TAG);
    send(exchange, 200, new byte[0]);
  }

  private static void send(HttpExchange exchange, int status, byte[] body) throws IOException {
    exchange.sendResponseHeaders(status, body.length == 0 ? -1 : body.length);
    exchange.getResponseBody().write(body);
    exchange.close();
  }

  @Test
  void aStoreThatIgnoresEitherConditionIsRefusedAndTold() {
    for (boolean noneMatch : new boolean[] {false, true}) {
      honoursNoneMatch = noneMatch;
      honoursMatch = !noneMatch;
      assertThatThrownBy(this::open)
          .isInstanceOf(IOException.class)
          .hasMessageContaining("s3://writ-log/ does not honour If-None-Match and If-Match")
          .hasMessageContaining("use a store with conditional writes");
      assertThat(objects).as("the probe is taken away").isEmpty();
    }
  }

  @Test
  void aPutWhoseAnswerWasLostAndThatIsRepeatedWasStoredOnce() throws IOException {
    // Given
    honoursNoneMatch = true;
    honoursMatch = true;
    try (S3Storage storage = open()) {
      // When
      answersAreLost = true;
      boolean stored = storage.replace("checkpoint", null, new byte[] {7});
      // Then
      assertThat(stored).isTrue();
      assertThat(requests.stream().filter(each -> each.equals("PUT /writ-log/checkpoint")))
          .as("the client tries again by itself")
          .hasSizeGreaterThan(1);
      assertThat(storage.replace("checkpoint", null, new byte[] {8})).isFalse();
      assertThat(storage.read("checkpoint")).containsExactly(7);
    }
  }

  @Test
  void aStoreThatIsNotThereIsAnErrorAndNoAbsence() throws IOException {
    // Given
    honoursNoneMatch = true;
    honoursMatch = true;
    S3Storage storage = open();
    // When
    server.stop(0);
    // Then
    assertThatThrownBy(() -> storage.read("checkpoint"))
        .isInstanceOf(IOException.class)
        .hasMessageStartingWith("couldn't read checkpoint in s3://writ-log/");
    storage.close();
  }
}

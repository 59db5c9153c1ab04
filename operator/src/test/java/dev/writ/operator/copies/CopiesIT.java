package dev.writ.operator.copies;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.writ.audit.AuditRecord;
import dev.writ.audit.Entry;
import dev.writ.audit.log.LogFixture;
import dev.writ.contract.ErrorCode;
import dev.writ.contract.MalformedException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Copies at a receiver that works, fails, refuses, or does not answer. */
class CopiesIT {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final String TRACE = "4bf92f3577b34da6a3ce929d0e0e4736";
  private final List<JsonNode> bodies = new CopyOnWriteArrayList<>();
  private final List<String> types = new CopyOnWriteArrayList<>();
  private final AtomicInteger status = new AtomicInteger(200);
  private final CountDownLatch held = new CountDownLatch(1);
  private volatile boolean holds;
  private HttpServer receiver;
  private Copies copies;

  @BeforeEach
  void setUp() throws IOException {
    receiver = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    receiver.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
    receiver.createContext("/", this::take);
    receiver.start();
  }

  @AfterEach
  void tearDown() {
    held.countDown();
    copies.close();
    receiver.stop(0);
  }

  private void take(HttpExchange exchange) throws IOException {
    byte[] body = exchange.getRequestBody().readAllBytes();
    if (holds) {
      try {
        held.await();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }
    int answer = status.get();
    if (answer == 200) {
      types.add(exchange.getRequestHeaders().getFirst("Content-Type"));
      bodies.add(JSON.readTree(body));
    }
    exchange.sendResponseHeaders(answer, -1);
    exchange.close();
  }

  private Copies copies(CopyFormat format, int most) {
    URI uri = URI.create("http://127.0.0.1:" + receiver.getAddress().getPort() + "/v1/logs");
    copies = new Copies(uri, format, most).started();
    return copies;
  }

  private static List<AuditRecord> records() {
    LogFixture.Gate gate = new LogFixture.Gate(1);
    gate.add(
        LogFixture.call(
            "/v1/transfers",
            Entry.Decision.DENY,
            ErrorCode.ARGUMENT_NOT_ALLOWED,
            null,
            TRACE,
            List.of()));
    gate.calls(3).stop();
    return gate.lines().stream().map(CopiesIT::parse).toList();
  }

  private static AuditRecord parse(String line) {
    try {
      return AuditRecord.parse(line);
    } catch (MalformedException e) {
      throw new AssertionError(e);
    }
  }

  private void tell(List<AuditRecord> records) {
    for (int i = 0; i < records.size(); i++) {
      copies.stored(i, "uid", records.get(i));
    }
  }

  @Test
  void recordsArriveAsLogRecordsOfOpenTelemetry() {
    // Given
    copies(CopyFormat.openTelemetry(LogFixture.ORIGIN), 100);
    List<AuditRecord> records = records();
    // When
    tell(records);
    // Then
    await().atMost(Duration.ofSeconds(30)).until(() -> copies.sent() == records.size());
    assertThat(types).containsOnly("application/json");
    List<JsonNode> all =
        bodies.stream()
            .flatMap(body -> body.at("/resourceLogs/0/scopeLogs/0/logRecords").valueStream())
            .toList();
    assertThat(all).hasSameSizeAs(records);
    JsonNode denied = all.get(1);
    assertThat(denied.at("/severityNumber").asInt()).isEqualTo(13);
    assertThat(denied.at("/timeUnixNano").asText()).isEqualTo("1795341600123000000");
    assertThat(denied.at("/traceId").asText()).isEqualTo(TRACE);
    assertThat(denied.at("/eventName").asText()).isEqualTo("writ.call");
    assertThat(denied.at("/body/stringValue").asText()).isEqualTo(records.get(1).toLine());
    assertThat(denied.at("/attributes").toString())
        .contains("{\"key\":\"writ.log.index\",\"value\":{\"intValue\":\"1\"}}")
        .contains("{\"key\":\"writ.code\",\"value\":{\"stringValue\":\"argument-not-allowed\"}}");
    assertThat(bodies.getFirst().at("/resourceLogs/0/resource/attributes/1").toString())
        .contains("writ.log.origin", LogFixture.ORIGIN);
  }

  @Test
  void recordsArriveAsCloudEvents() {
    // Given
    copies(CopyFormat.cloudEvents(LogFixture.ORIGIN), 100);
    List<AuditRecord> records = records();
    // When
    tell(records);
    // Then
    await().atMost(Duration.ofSeconds(30)).until(() -> copies.sent() == records.size());
    assertThat(types).containsOnly("application/cloudevents-batch+json");
    List<JsonNode> all = bodies.stream().flatMap(JsonNode::valueStream).toList();
    assertThat(all).hasSameSizeAs(records);
    for (JsonNode event : all) {
      for (String required : List.of("specversion", "id", "source", "type", "time")) {
        assertThat(event.path(required).asText()).as(required).isNotEmpty();
      }
    }
    assertThat(all.get(1).at("/type").asText()).isEqualTo("dev.writ.record.call");
    assertThat(all.get(1).at("/id").asText()).isEqualTo(records.get(1).receipt());
    assertThat(all.get(1).at("/data/code").asText()).isEqualTo("argument-not-allowed");
  }

  @Test
  void aReceiverThatFailsForAWhileGetsThemAllOnceItWorks() {
    // Given
    copies(CopyFormat.cloudEvents(LogFixture.ORIGIN), 100);
    status.set(503);
    List<AuditRecord> records = records();
    tell(records);
    // When
    await().atMost(Duration.ofSeconds(30)).until(() -> copies.waiting() < records.size());
    status.set(200);
    // Then
    await().atMost(Duration.ofSeconds(60)).until(() -> copies.sent() == records.size());
    assertThat(copies.dropped()).isZero();
  }

  @Test
  void aReceiverThatDoesNotAnswerHoldsNobodyUpAndWhatIsTooMuchIsCounted() {
    // Given
    copies(CopyFormat.openTelemetry(LogFixture.ORIGIN), 4);
    holds = true;
    AuditRecord one = records().getFirst();
    copies.stored(0, "uid", one);
    await().atMost(Duration.ofSeconds(30)).until(() -> copies.waiting() == 0);
    // When
    for (int i = 0; i < 10; i++) {
      copies.stored(i, "uid", one);
    }
    // Then
    assertThat(copies.waiting()).isEqualTo(4);
    assertThat(copies.dropped()).isEqualTo(6);
    holds = false;
    held.countDown();
    await().atMost(Duration.ofSeconds(60)).until(() -> copies.sent() == 5);
  }

  @Test
  void whatTheReceiverRefusesIsDroppedAndTheNextIsSent() {
    // Given
    copies(CopyFormat.openTelemetry(LogFixture.ORIGIN), 100);
    status.set(400);
    List<AuditRecord> records = records();
    tell(records);
    await().atMost(Duration.ofSeconds(30)).until(() -> copies.dropped() == records.size());
    // When
    status.set(200);
    tell(records);
    // Then
    await().atMost(Duration.ofSeconds(30)).until(() -> copies.sent() == records.size());
  }
}

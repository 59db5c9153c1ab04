package dev.writ.sidecar.process;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.writ.contract.key.PrivateKey;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Answers that nobody takes, of an app that sends as fast as it can, at a gate and a helper with 64
 * MB of heap each: the bytes that they hold are counted and bounded, who reads is served.
 */
final class StalledAnswersIT {
  private static final Duration PATIENCE = Duration.ofSeconds(60);
  private static final int MANY = 200;

  /** An eighth of the heap, and less than twice that whatever the loops hold. */
  private static final long BOUND = 64 << 20 >> 3;

  private static final byte[] NONE = new byte[0];
  private static final Issuer ISSUER = new Issuer();
  @TempDir private static Path directory;
  private static FloodApp app;
  private static RunningSidecar gate;
  private final PrivateKey key = PrivateKey.generate();
  private final List<AutoCloseable> open = new ArrayList<>();

  @BeforeAll
  static void start() throws Exception {
    app = new FloodApp();
    gate = new RunningSidecar(Files.createDirectory(directory.resolve("gate")), ISSUER, app.port());
    gate.start();
  }

  @AfterAll
  static void stop() throws Exception {
    gate.close();
    app.close();
  }

  @BeforeEach
  void forget() throws Exception {
    await().atMost(PATIENCE).until(() -> gate.metric("writ_calls_in_flight") == 0);
  }

  private void close() throws Exception {
    for (AutoCloseable one : open) {
      one.close();
    }
  }

  private String contract() {
    Issuer.Draft draft = ISSUER.contract(key);
    draft.rules =
        "[{\"action\":\"read\",\"http\":{\"methods\":[\"GET\",\"POST\"],"
            + "\"paths\":[{\"type\":\"Prefix\",\"value\":\"/read\"}]}},"
            + "{\"action\":\"live\",\"http\":{\"methods\":[\"GET\"],"
            + "\"paths\":[{\"type\":\"Exact\",\"value\":\"/live\"}],\"upgrade\":\"websocket\"}}]";
    return draft.sign();
  }

  private Caller caller(String contract) throws IOException {
    Caller caller = new Caller(gate.port, key, contract);
    open.add(caller);
    return caller;
  }

  /** A call whose answer nobody reads. */
  private Caller stalled(String contract, String path, String... extra) throws IOException {
    Caller caller = caller(contract);
    caller.wire.send(caller.request("GET", path, "", NONE, extra));
    return caller;
  }

  private static long held(RunningSidecar sidecar, String side) throws Exception {
    return (long) sidecar.metric("writ_memory_underway_bytes{side=\"" + side + "\"");
  }

  private static double ended() throws Exception {
    return gate.metric("writ_answers_ended_total{code=\"too-many-concurrent\"");
  }

  /** Somebody else's call goes through, and an answer that was begun before is read to its end. */
  private void assertServed(Caller patient) throws Exception {
    try (Caller caller = new Caller(gate.port, key, contract())) {
      assertThat(caller.get("/read").status()).isEqualTo(200);
      assertThat(caller.get("/read/large").text()).hasSize(FloodApp.LARGE);
    }
    assertThat(patient.wire.reply(false).text()).hasSize(FloodApp.LARGE);
  }

  @Test
  void manyWhoDoNotReadTheirAnswersHoldNoMoreThanTheBound() throws Exception {
    try {
      // Given
      String contract = contract();
      double before = ended();
      for (int i = 0; i < MANY; i++) {
        stalled(contract, "/read/flood");
      }
      // When
      await().atMost(PATIENCE).until(() -> ended() > before);
      // Then
      assertThat(held(gate, "gate")).isBetween(BOUND / 4, 2 * BOUND);
      assertServed(stalled(contract, "/read/large"));
      assertThat(held(gate, "gate")).isLessThan(2 * BOUND);
      assertThat(gate.records())
          .anyMatch(
              line ->
                  line.contains("\"kind\":\"end\"") && line.contains("\"too-many-concurrent\""));
    } finally {
      close();
    }
    await().atMost(PATIENCE).until(() -> held(gate, "gate") == 0);
  }

  @Test
  void manyStreamsOfOneConnectionPayForThemselves() throws Exception {
    try {
      // Given: a slow reader on another connection
      String contract = contract();
      Caller patient = stalled(contract, "/read/large");
      await().atMost(PATIENCE).until(() -> held(gate, "gate") > 0);
      Http2Caller greedy = new Http2Caller(gate.port, key, contract);
      open.add(greedy);
      greedy.wire.send(Http2Wire.SETTINGS, 0, 0, new byte[] {0, 4, 0, 0, 0, 0});
      // When: a hundred answers of which not one byte may be sent
      for (int i = 0; i < 100; i++) {
        greedy.wire.request(greedy.head("/read/flood", NONE), NONE);
      }
      // Then: what they hold is that of one connection
      Set<Integer> reset = new HashSet<>();
      while (reset.size() < 70) {
        Http2Wire.Frame frame = greedy.wire.read();
        assertThat(frame.type()).isNotEqualTo(Http2Wire.DATA);
        if (frame.type() == Http2Wire.RST_STREAM) {
          reset.add(frame.stream());
        }
      }
      assertThat(held(gate, "gate")).isLessThan(BOUND / 4 + 256 * 1024);
      assertServed(patient);
    } finally {
      close();
    }
  }

  @Test
  void manyTunnelsWhoseCallerDoesNotReadHoldNoMoreThanTheBound() throws Exception {
    try {
      // Given
      String contract = contract();
      double before = ended();
      for (int i = 0; i < MANY; i++) {
        stalled(
            contract,
            "/live",
            "Connection: Upgrade",
            "Upgrade: websocket",
            "Sec-WebSocket-Version: 13",
            "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==");
      }
      // When
      await().atMost(PATIENCE).until(() -> ended() > before);
      // Then
      assertThat(held(gate, "gate")).isBetween(BOUND / 4, 2 * BOUND);
      assertServed(stalled(contract, "/read/large"));
    } finally {
      close();
    }
    await().atMost(PATIENCE).until(() -> held(gate, "gate") == 0);
  }

  @Test
  void strangersWhoTakeNoRefusalKeepNobodyOut() throws Exception {
    try {
      // Given: more refusals than calls have room, of which not one byte may be sent
      for (int i = 0; i < 12; i++) {
        Http2Wire stranger = new Http2Wire(gate.port);
        open.add(stranger);
        stranger.send(Http2Wire.SETTINGS, 0, 0, new byte[] {0, 4, 0, 0, 0, 0});
        for (int j = 0; j < 110; j++) {
          stranger.request(Http2Wire.head("GET", "/read", List.of()), NONE);
        }
      }
      // When
      try (Caller caller = new Caller(gate.port, key, contract())) {
        // Then
        assertThat(caller.get("/read").status()).isEqualTo(200);
      }
      assertThat(held(gate, "gate")).isLessThan(2 * BOUND);
    } finally {
      close();
    }
  }

  @Test
  void callsUnderWayAreBoundedAsWell() throws Exception {
    try {
      // Given: one connection after the other with a hundred answers that never end
      String contract = contract();
      int refused = 0;
      for (int i = 0; i < 15 && refused == 0; i++) {
        Http2Caller caller = new Http2Caller(gate.port, key, contract);
        open.add(caller);
        int last = 0;
        for (int j = 0; j < 100; j++) {
          last = caller.wire.request(caller.head("/read/silent", NONE), NONE);
        }
        // When: the last one is refused, or its answer begins
        refused = caller.wire.begins(last) == 429 ? i : 0;
      }
      // Then
      assertThat(refused).isPositive();
      assertThat(gate.metric("writ_memory_bodies_bytes{side=\"gate\"")).isLessThan(BOUND * 3);
    } finally {
      close();
    }
    await()
        .atMost(PATIENCE)
        .until(() -> gate.metric("writ_memory_bodies_bytes{side=\"gate\"") == 0);
    try (Caller caller = new Caller(gate.port, key, contract())) {
      assertThat(caller.get("/read").status()).isEqualTo(200);
    }
  }

  @Test
  void anAppThatDoesNotReadItsRepliesFillsTheHelperNoFurtherThanTheBound() throws Exception {
    // Given
    Path home = Files.createDirectory(directory.resolve("helper"));
    int port = RunningSidecar.freePort();
    String hosts = "ledger.bank:80=127.0.0.1:" + gate.port + ",plain:80=127.0.0.1:" + app.port();
    RunningSidecar helper = RunningSidecar.helper(home, ISSUER, key, contract(), port, hosts);
    helper.start();
    try {
      for (int i = 0; i < MANY; i++) {
        ask(port, i % 2 == 0 ? "ledger.bank" : "plain", "/read/flood");
      }
      // When: more than fits was begun, so some were ended
      await().atMost(PATIENCE).until(() -> app.flooding.get() < MANY);
      await().atMost(PATIENCE).until(() -> held(helper, "helper") > BOUND / 8);
      // Then
      for (String host : List.of("ledger.bank", "plain")) {
        Wire wire = ask(port, host, "/read/large");
        assertThat(wire.reply(false).text()).as(host).hasSize(FloodApp.LARGE);
      }
      assertThat(held(helper, "helper")).isLessThan(BOUND);
    } finally {
      close();
      helper.close();
    }
  }

  private Wire ask(int port, String host, String path) throws IOException {
    Wire wire = new Wire(port);
    open.add(wire);
    wire.send(
        ("GET http://" + host + path + " HTTP/1.1\r\nHost: " + host + "\r\n\r\n")
            .getBytes(ISO_8859_1));
    return wire;
  }
}

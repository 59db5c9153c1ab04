package dev.writ.e2e;

import static dev.writ.e2e.Peers.node;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.fasterxml.jackson.databind.JsonNode;
import io.grpc.CallOptions;
import io.grpc.HttpConnectProxiedSocketAddress;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.grpc.stub.ClientCalls;
import io.grpc.stub.StreamObserver;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfEnvironmentVariable;
import org.junit.jupiter.api.io.TempDir;

/**
 * Published libraries of gRPC and WebSocket, unmodified, through helper and gate: grpc-java, and
 * where {@code e2e/peers/install} put them (`WRIT_PEERS_DIR`) grpc-js, ws and A2A over gRPC.
 */
class GrpcPeersIT {
  private static final String HOST = "ledger-agent.bank:8080";
  private static final String GRPC_HOST = "ledger-agent.bank:50051";
  private static final Metadata.Key<String> RECEIPT =
      Metadata.Key.of("capability-receipt", Metadata.ASCII_STRING_MARSHALLER);

  @TempDir private static Path keys;
  @TempDir Path folder;
  private final int app = Programs.freePort();
  private final int grpcApp = Programs.freePort();
  private Peers peers;

  @BeforeAll
  static void makeKeys() throws Exception {
    Peers.makeKeys(keys);
  }

  @BeforeEach
  void start() {
    peers = new Peers(folder, keys);
  }

  @AfterEach
  void stop() {
    peers.close();
  }

  @Test
  void grpcJavaCallsStreamsAndIsRefusedInItsOwnWords() throws Exception {
    // Given
    guard("grpc", "http");
    try (PaymentsPeer payments = new PaymentsPeer(grpcApp)) {
      ManagedChannel direct =
          NettyChannelBuilder.forAddress("127.0.0.1", peers.helper)
              .overrideAuthority(GRPC_HOST)
              .usePlaintext()
              .build();
      ManagedChannel proxied =
          NettyChannelBuilder.forAddress("ledger-agent.bank", 50051)
              .proxyDetector(
                  address ->
                      HttpConnectProxiedSocketAddress.newBuilder()
                          .setProxyAddress(
                              new InetSocketAddress(
                                  InetAddress.ofLiteral("127.0.0.1"), peers.helper))
                          .setTargetAddress((InetSocketAddress) address)
                          .build())
              .usePlaintext()
              .build();
      // When, Then
      assertThat(unary(direct, PaymentsPeer.TRANSFER, "5")).isEqualTo("paid 5");
      assertThat(unary(proxied, PaymentsPeer.TRANSFER, "6")).isEqualTo("paid 6");
      StatusRuntimeException missing = refusal(direct, PaymentsPeer.MISSING);
      assertThat(missing.getStatus().getCode()).isEqualTo(Status.Code.NOT_FOUND);
      assertThat(missing.getStatus().getDescription()).isEqualTo("no such account");
      StatusRuntimeException denied = refusal(direct, PaymentsPeer.CLOSE);
      assertThat(denied.getStatus().getCode()).isEqualTo(Status.Code.PERMISSION_DENIED);
      assertThat(denied.getStatus().getDescription()).startsWith("action-not-granted: ");
      assertThat(Status.trailersFromThrowable(denied).get(RECEIPT)).isNotEmpty();
      List<String> watched = new ArrayList<>();
      ClientCalls.blockingServerStreamingCall(direct, PaymentsPeer.WATCH, CallOptions.DEFAULT, "w")
          .forEachRemaining(watched::add);
      assertThat(watched).containsExactly("w1", "w2", "w3");
      assertThat(chat(direct, List.of("one", "two"))).containsExactly("re:one", "re:two", "end");
      assertThat(unary(direct, PaymentsPeer.TRANSFER, "7")).isEqualTo("paid 7");
      StatusRuntimeException spent = refusal(direct, PaymentsPeer.TRANSFER);
      assertThat(spent.getStatus().getCode()).isEqualTo(Status.Code.RESOURCE_EXHAUSTED);
      assertThat(spent.getStatus().getDescription()).startsWith("quota-exhausted: ");
      assertThat(payments.seen)
          .containsExactly("Transfer", "Transfer", "Missing", "Watch", "Chat", "Transfer");
      direct.shutdownNow();
      proxied.shutdownNow();
    }
  }

  private static String unary(
      ManagedChannel channel, MethodDescriptor<String, String> method, String text) {
    return ClientCalls.blockingUnaryCall(
        channel, method, CallOptions.DEFAULT.withDeadlineAfter(30, TimeUnit.SECONDS), text);
  }

  private static StatusRuntimeException refusal(
      ManagedChannel channel, MethodDescriptor<String, String> method) {
    return catchThrowableOfType(StatusRuntimeException.class, () -> unary(channel, method, "1"));
  }

  /** Says the next thing when the last one was answered. */
  private static List<String> chat(ManagedChannel channel, List<String> words) throws Exception {
    BlockingQueue<String> heard = new LinkedBlockingQueue<>();
    StreamObserver<String> say =
        ClientCalls.asyncBidiStreamingCall(
            channel.newCall(PaymentsPeer.CHAT, CallOptions.DEFAULT),
            new StreamObserver<>() {
              @Override
              public void onNext(String text) {
                heard.add(text);
              }

              @Override
              public void onError(Throwable cause) {
                heard.add(cause.toString());
              }

              @Override
              public void onCompleted() {
                heard.add("end");
              }
            });
    List<String> all = new ArrayList<>();
    for (String word : words) {
      say.onNext(word);
      all.add(heard.poll(30, TimeUnit.SECONDS));
    }
    say.onCompleted();
    all.add(heard.poll(30, TimeUnit.SECONDS));
    return all;
  }

  @Test
  @EnabledIfEnvironmentVariable(named = "WRIT_PEERS_DIR", matches = ".+")
  void grpcJsAtAServerOfGrpcJava() throws Exception {
    // Given
    guard("grpc", "http");
    try (PaymentsPeer payments = new PaymentsPeer(grpcApp)) {
      // When
      Map<String, JsonNode> steps = run("grpc-client.mjs", GRPC_HOST);
      // Then
      assertThat(steps.get("allowed").path("text").asText()).isEqualTo("paid pay");
      assertThat(steps.get("missing").path("code").asInt()).isEqualTo(5);
      assertThat(steps.get("missing").path("details").asText()).isEqualTo("no such account");
      assertThat(steps.get("other").path("code").asInt()).isEqualTo(7);
      assertThat(steps.get("other").path("details").asText()).startsWith("action-not-granted: ");
      assertThat(steps.get("other").path("receipt").asText()).isNotEmpty();
      assertThat(steps.get("stream").path("text").asText()).isEqualTo("pay1 pay2 pay3");
      assertThat(steps.get("chat").path("text").asText()).isEqualTo("re:one re:two re:three");
      assertThat(steps.get("spent").path("code").asInt()).isEqualTo(8);
      assertThat(steps.get("spent").path("details").asText()).startsWith("quota-exhausted: ");
      assertThat(payments.seen).hasSize(6).doesNotContain("Close");
    }
  }

  @Test
  @EnabledIfEnvironmentVariable(named = "WRIT_PEERS_DIR", matches = ".+")
  void theWebSocketLibraryOfNode() throws Exception {
    // Given
    peer("ws-server.mjs", "" + app);
    guard("websocket", "http");
    // When
    Map<String, JsonNode> steps = run("ws-client.mjs", "127.0.0.1:" + peers.helper, HOST);
    // Then
    JsonNode allowed = steps.get("allowed");
    assertThat(allowed.path("heard").toString())
        .isEqualTo("[" + (100_000 + "talk: ".length()) + "," + "talk: again".length() + "]");
    assertThat(allowed.path("code").asInt()).isEqualTo(1000);
    assertThat(allowed.path("extensions").asText()).isEqualTo("permessage-deflate");
    assertThat(steps.get("other").path("message").asText()).contains("403");
  }

  @Test
  @EnabledIfEnvironmentVariable(named = "WRIT_PEERS_DIR", matches = ".+")
  void theA2aClientOfJavaScriptOverGrpc() throws Exception {
    // Given
    peer("a2a-grpc-server.mjs", "" + app, "" + grpcApp, GRPC_HOST);
    guard("a2a", "a2a");
    // When
    Map<String, JsonNode> steps = run("a2a-grpc-client.mjs", "http://" + HOST);
    // Then
    assertThat(steps.get("allowed").path("id").asText()).as(steps.toString()).isNotEmpty();
    assertThat(steps.get("own").path("id")).isEqualTo(steps.get("allowed").path("id"));
    assertThat(steps.get("above").toString()).contains("argument-not-allowed");
    assertThat(steps.get("other").toString()).contains("action-not-granted");
    assertThat(steps.get("stranger").toString()).contains("argument-not-allowed");
  }

  private void peer(String... script) throws Exception {
    peers.serve(app, Map.of(), node(script));
  }

  private Map<String, JsonNode> run(String... script) throws Exception {
    return peers.run(Map.of(), node(script));
  }

  /**
   * Gate and helper, with that capability and nothing else.
   *
   * @param protocol of the port that is not of gRPC, unless that is A2A as well
   */
  private void guard(String capability, String protocol) throws Exception {
    peers.guard(
        capability,
        new Peers.Port(HOST, protocol, app),
        new Peers.Port(GRPC_HOST, protocol.equals("a2a") ? "a2a" : "grpc", grpcApp));
  }
}

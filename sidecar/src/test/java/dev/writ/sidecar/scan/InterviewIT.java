package dev.writ.sidecar.scan;

import static org.assertj.core.api.Assertions.assertThat;

import dev.writ.contract.Base64Url;
import dev.writ.contract.ErrorCode;
import dev.writ.contract.Problem;
import dev.writ.contract.scan.ScanReport.Answer;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Who an open port is, whatever it does to look like a gate or to keep the asker busy. */
class InterviewIT {
  private static final InetAddress HERE = InetAddress.ofLiteral("127.0.7.3");
  private static final String REFUSAL =
      http("401 Unauthorized", "application/problem+json", Problem.of(ErrorCode.MISSING_CONTRACT));

  private ServerSocket server;

  @BeforeEach
  void listen() throws IOException {
    server = new ServerSocket();
    server.bind(new InetSocketAddress(HERE, 0));
  }

  @AfterEach
  void close() throws IOException {
    server.close();
  }

  private static String http(String status, String type, Problem problem) {
    return "HTTP/1.1 " + status + "\r\nContent-Type: " + type + "\r\n\r\n" + problem.json();
  }

  private static String challenge(byte[] key) {
    byte[] nonce = new byte[41];
    nonce[0] = 1;
    System.arraycopy(key, 0, nonce, 17, 8);
    return "HTTP/1.1 200 OK\r\nCapability-Nonce: " + Base64Url.encode(nonce) + "\r\n\r\n{}";
  }

  /** Answers each connection with what the first line of its request gives. */
  private void answering(UnaryOperator<String> answers) {
    serving(
        socket -> {
          StringBuilder request = new StringBuilder();
          // To its end: unread bytes would turn the end of the connection into a reset.
          while (request.indexOf("\r\n\r\n") < 0) {
            request.append((char) socket.getInputStream().read());
          }
          socket
              .getOutputStream()
              .write(answers.apply(request.toString()).getBytes(StandardCharsets.UTF_8));
        });
  }

  private interface Conduct {
    void towards(Socket socket) throws IOException, InterruptedException;
  }

  private void serving(Conduct conduct) {
    Thread.ofPlatform()
        .daemon()
        .start(
            () -> {
              while (!server.isClosed()) {
                try (Socket socket = server.accept()) {
                  conduct.towards(socket);
                } catch (IOException | InterruptedException e) {
                  // The other side had enough.
                }
              }
            });
  }

  private static byte[] key(String request) {
    try {
      int at = request.indexOf("jkt=") + 4;
      // The beginning is what counts.
      return Base64Url.decode(request.substring(at, at + 12));
    } catch (Exception e) {
      throw new AssertionError(request, e);
    }
  }

  private Answer asked() {
    return new Interview(new SecureRandom(), System::nanoTime, TimeUnit.SECONDS.toNanos(1))
        .ask(HERE, server.getLocalPort());
  }

  @Test
  void whoGivesAChallengeForOurKeyAndRefusesTheRestIsAGate() {
    answering(request -> request.contains("challenge") ? challenge(key(request)) : REFUSAL);
    assertThat(asked()).isEqualTo(Answer.GATE);
  }

  @Test
  void whoGivesAChallengeAndLetsTheRestThroughIsInShadowMode() {
    answering(
        request ->
            request.contains("challenge") ? challenge(key(request)) : "HTTP/1.1 200 OK\r\n\r\nhi");
    assertThat(asked()).isEqualTo(Answer.SHADOW);
  }

  @Test
  void aRefusalWhoseStatusIsNotThatOfItsCodeIsNoRefusal() {
    answering(
        request ->
            request.contains("challenge")
                ? challenge(key(request))
                : REFUSAL.replace("401 Unauthorized", "200 OK"));
    assertThat(asked()).isEqualTo(Answer.SHADOW);
  }

  @Test
  void aChallengeThatWasHeardElsewhereIsNone() {
    answering(request -> request.contains("challenge") ? challenge(new byte[8]) : REFUSAL);
    assertThat(asked()).isEqualTo(Answer.OTHER);
  }

  @Test
  void whoRefusesEverythingLikeAGateIsNone() {
    answering(_ -> REFUSAL);
    assertThat(asked()).isEqualTo(Answer.OTHER);
  }

  @Test
  void anAppIsNoGate() {
    answering(_ -> "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\nhello");
    assertThat(asked()).isEqualTo(Answer.OTHER);
  }

  @Test
  void whoSaysNothingIsNotWaitedForLong() {
    serving(_ -> Thread.sleep(Duration.ofSeconds(60)));
    assertThat(asked()).isEqualTo(Answer.NOBODY);
  }

  @Test
  void whoHangsUpIsNobody() {
    serving(socket -> socket.setSoLinger(true, 0));
    assertThat(asked()).isEqualTo(Answer.NOBODY);
  }

  @Test
  void whoSendsByteByByteIsNotListenedToForEver() {
    serving(
        socket -> {
          OutputStream out = socket.getOutputStream();
          while (true) {
            out.write('x');
            Thread.sleep(50);
          }
        });
    assertThat(asked()).isEqualTo(Answer.OTHER);
  }

  @Test
  void whoNeverStopsIsReadNoFurtherThanSomeKilobytes() {
    serving(
        socket -> {
          byte[] flood = new byte[65_536];
          while (true) {
            socket.getOutputStream().write(flood);
          }
        });
    assertThat(asked()).isEqualTo(Answer.OTHER);
  }
}

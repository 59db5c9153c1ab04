package dev.writ.sidecar.gate;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import dev.writ.sidecar.flow.FlowMemory;
import dev.writ.sidecar.flow.Flows;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import io.vertx.core.Promise;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/**
 * What the guard passes it passes byte for byte, however it arrives; what it refuses the parser
 * never sees.
 */
final class FramingGuardTest {
  private static final String GET = lines("GET /a HTTP/1.1", "Host: x", "", "");
  private static final String POST =
      lines("POST /a HTTP/1.1", "Host: x", "Content-Length: 9", "", "", " a: b", "");
  private static final String CHUNKED =
      lines(
          "POST /a HTTP/1.1",
          "Host: x",
          "Transfer-Encoding: Chunked",
          "",
          "5",
          "he",
          "o",
          "0A",
          "0",
          "",
          "GET /",
          "00",
          "",
          "");
  private static final Pattern PASSED =
      Pattern.compile(
          "|[!#$%&'*+.^_`|~0-9A-Za-z-]+ [!-~]+ HTTP/1\\.1\\r"
              + "\\n"
              + "([!#$%&'*+.^_`|~0-9A-Za-z-]+:[\\t -~\\x80-\\xff]*\\r"
              + "\\n"
              + ")+\\r"
              + "\\n");
  private final List<String> refused = new ArrayList<>();
  private long nanos;

  private static String lines(String... lines) {
    return String.join("\r\n", lines);
  }

  private FramingGuard guard() {
    return new FramingGuard(
        refused::add,
        ConnectionLimits.standard(() -> nanos),
        new Flows(new FlowMemory(1 << 20, 1)),
        new Flows(new FlowMemory(1 << 20, 1)),
        nanos);
  }

  private static String read(EmbeddedChannel channel) {
    StringBuilder text = new StringBuilder();
    for (ByteBuf part = channel.readInbound(); part != null; part = channel.readInbound()) {
      text.append(part.toString(ISO_8859_1));
      part.release();
    }
    return text.toString();
  }

  private static void write(EmbeddedChannel channel, String text) {
    channel.writeInbound(Unpooled.copiedBuffer(text, ISO_8859_1));
  }

  @Test
  void soundRequestsPassUnchangedHoweverTheyAreCut() {
    long seed = new Random().nextLong();
    Random random = new Random(seed);
    for (int round = 0; round < 500; round++) {
      StringBuilder sent = new StringBuilder();
      for (int i = 0; i < 5; i++) {
        sent.append(List.of(GET, POST, CHUNKED).get(random.nextInt(3)));
      }
      EmbeddedChannel channel = new EmbeddedChannel(guard());
      StringBuilder passed = new StringBuilder();
      for (int at = 0; at < sent.length(); ) {
        int next = Math.min(sent.length(), at + 1 + random.nextInt(40));
        write(channel, sent.substring(at, next));
        passed.append(read(channel));
        at = next;
      }
      assertThat(passed.toString()).as("seed " + seed).isEqualTo(sent.toString());
      channel.finishAndReleaseAll();
    }
    assertThat(refused).isEmpty();
  }

  @Test
  void whatFollowsAnUpgradeWaitsForItsAnswerAndForNoOther() {
    FramingGuard guard = guard();
    EmbeddedChannel channel = new EmbeddedChannel(guard);
    String upgrade = lines("GET /w HTTP/1.1", "Host: x", "Upgrade: WebSocket", "", "");

    write(channel, GET + upgrade + "early");
    assertThat(read(channel)).isEqualTo(GET + upgrade);
    guard.answered();
    channel.runPendingTasks();
    assertThat(read(channel)).as("the answer was that of the first").isEmpty();
    guard.tunnel();
    channel.runPendingTasks();

    assertThat(read(channel)).isEqualTo("early");
    write(channel, "not HTTP\n\0");
    assertThat(read(channel)).isEqualTo("not HTTP\n\0");
    assertThat(refused).isEmpty();
  }

  @Test
  void afterAnUpgradeThatWasNotGrantedTheRestIsHttp() {
    FramingGuard guard = guard();
    EmbeddedChannel channel = new EmbeddedChannel(guard);
    String upgrade = lines("GET /w HTTP/1.1", "Host: x", "Upgrade: websocket", "", "");

    write(channel, upgrade + GET + "not HTTP\n\n\r\n\r\n");
    guard.answered();
    channel.runPendingTasks();

    assertThat(read(channel)).isEqualTo(upgrade + GET);
    assertThat(refused).hasSize(1);
  }

  @Test
  void moreThanAHeadBeforeTheAnswerToAnUpgradeIsRefused() {
    FramingGuard guard = guard();
    EmbeddedChannel channel = new EmbeddedChannel(guard);
    String upgrade = lines("GET /w HTTP/1.1", "Host: x", "Upgrade: websocket", "", "");

    write(channel, upgrade + "x".repeat(FramingGuard.MAX_HEAD + 1));

    assertThat(read(channel)).isEqualTo(upgrade);
    assertThat(channel.isOpen()).isFalse();
    assertThat(refused).hasSize(1);
  }

  @Test
  void nothingOfABrokenHeadOrOfWhatFollowsReachesTheParser() {
    EmbeddedChannel channel = new EmbeddedChannel(guard());

    write(channel, "GET /a HTTP/1.1\r\nHost: x\r\n folded: y\r\n\r\n" + GET);
    write(channel, GET);

    assertThat(read(channel)).isEmpty();
    ByteBuf answer = channel.readOutbound();
    assertThat(answer.toString(ISO_8859_1)).startsWith("HTTP/1.1 400 Bad Request\r\n");
    answer.release();
    assertThat(refused).containsExactly("field name");
  }

  @Test
  void aBrokenRequestBehindAnUnansweredOneClosesWithoutAnAnswerInItsPlace() {
    EmbeddedChannel channel = new EmbeddedChannel(guard());

    write(channel, GET + "broken\r\n\r\n");

    assertThat(read(channel)).isEqualTo(GET);
    assertThat(channel.outboundMessages()).isEmpty();
    assertThat(channel.isActive()).isFalse();
  }

  @Test
  void randomBytesNeverPassAsAHeadUnlessTheyAreOne() {
    long seed = new Random().nextLong();
    Random random = new Random(seed);
    for (int round = 0; round < 20_000; round++) {
      byte[] bytes = GET.getBytes(ISO_8859_1);
      for (int i = 0; i <= random.nextInt(3); i++) {
        bytes[random.nextInt(bytes.length)] = (byte) random.nextInt();
      }
      EmbeddedChannel channel = new EmbeddedChannel(guard());
      channel.writeInbound(Unpooled.wrappedBuffer(bytes));
      String passed = read(channel);
      assertThat(passed).as("seed " + seed).matches(PASSED);
      channel.finishAndReleaseAll();
    }
  }

  @Test
  void slowHeadsSlowBodiesAndIdleConnectionsAreGivenUpButNotSlowAnswers() {
    FramingGuard head = guard();
    EmbeddedChannel first = new EmbeddedChannel(head);
    write(first, "GET");
    nanos += TimeUnit.SECONDS.toNanos(11);
    head.check(nanos, false);
    assertThat(first.isActive()).isFalse();

    FramingGuard body = guard();
    EmbeddedChannel second = new EmbeddedChannel(body);
    write(second, "POST / HTTP/1.1\r\nContent-Length: 5\r\n\r\nx");
    nanos += TimeUnit.SECONDS.toNanos(61);
    body.check(nanos, false);
    assertThat(second.isActive()).isFalse();

    FramingGuard answering = guard();
    EmbeddedChannel third = new EmbeddedChannel(answering);
    write(third, GET);
    nanos += TimeUnit.SECONDS.toNanos(3_600);
    answering.check(nanos, false);
    assertThat(third.isActive()).isTrue();
    answering.answered();
    nanos += TimeUnit.SECONDS.toNanos(301);
    answering.check(nanos, false);
    assertThat(third.isActive()).isFalse();
  }

  @Test
  void whoAsksNothingLosesTheConnectionSoonOnceThePodLeaves() {
    // Given one that was answered long ago and one whose answer takes its time
    FramingGuard idle = guard();
    EmbeddedChannel first = new EmbeddedChannel(idle);
    write(first, GET);
    idle.answered();
    FramingGuard answering = guard();
    EmbeddedChannel second = new EmbeddedChannel(answering);
    write(second, GET);
    nanos += TimeUnit.SECONDS.toNanos(4);
    // When
    idle.check(nanos, false);
    answering.check(nanos, false);
    assertThat(first.isActive()).isTrue();
    idle.check(nanos, true);
    answering.check(nanos, true);
    // Then
    assertThat(first.isActive()).isFalse();
    assertThat(second.isActive()).isTrue();
    // And it has as long after the answer, in which our own helper does not call any more
    answering.answered();
    nanos += TimeUnit.MILLISECONDS.toNanos(2_900);
    answering.check(nanos, true);
    assertThat(second.isActive()).isTrue();
  }

  @Test
  void whoHasNotTakenTheLastOfAnAnswerIsNotIdle() {
    // Given
    FramingGuard guard = guard();
    EmbeddedChannel channel = new EmbeddedChannel(guard);
    write(channel, GET);
    Promise<Void> written = Promise.promise();
    guard.answered();
    guard.finishing(written.future());
    // When it takes its time
    nanos += TimeUnit.SECONDS.toNanos(4);
    guard.check(nanos, true);
    assertThat(channel.isActive()).isTrue();
    // Then the time for the next request begins when it has all
    written.complete();
    guard.check(nanos, true);
    assertThat(channel.isActive()).isTrue();
    nanos += TimeUnit.SECONDS.toNanos(4);
    guard.check(nanos, true);
    assertThat(channel.isActive()).isFalse();
  }
}

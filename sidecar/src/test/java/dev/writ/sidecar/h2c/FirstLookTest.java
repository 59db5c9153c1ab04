package dev.writ.sidecar.h2c;

import static io.netty.handler.codec.http2.Http2FrameLogger.Direction.INBOUND;
import static io.netty.handler.codec.http2.Http2FrameLogger.Direction.OUTBOUND;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.http2.DefaultHttp2Headers;
import io.netty.handler.codec.http2.Http2Error;
import io.netty.handler.codec.http2.Http2Exception;
import io.netty.handler.codec.http2.Http2Headers;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** Which frames without use are too many, and what a head says of its body's length. */
final class FirstLookTest {
  private final List<String> refused = new ArrayList<>();
  private long nanos;
  private final ChannelHandlerContext none = new EmbeddedChannel().pipeline().firstContext();
  private final FirstLook look = new FirstLook(refused::add, () -> nanos);

  private void windows(int frames) {
    for (int i = 0; i < frames; i++) {
      look.logWindowsUpdate(INBOUND, none, 0, 1);
    }
  }

  private void answer(int frames) {
    for (int i = 0; i < frames; i++) {
      look.logData(OUTBOUND, none, 1, Unpooled.EMPTY_BUFFER, 0, false);
    }
  }

  @Test
  void windowsThatNobodyNeedsEndTheConnection() {
    // Given
    windows(FirstLook.MAX_IDLE_FRAMES);
    // When, Then
    assertThatThrownBy(() -> windows(1))
        .cause()
        .isInstanceOfSatisfying(
            Http2Exception.class,
            e -> assertThat(e.error()).isEqualTo(Http2Error.ENHANCE_YOUR_CALM));
    assertThat(refused).containsExactly("flood");
  }

  @Test
  void whoReadsAnAnswerMayWidenItsWindowsAsOftenAsItComes() {
    for (int i = 0; i < 20; i++) {
      answer(1_000);
      windows(1_000 * FirstLook.PER_DATA);
    }
    assertThat(refused).isEmpty();
  }

  @Test
  void allFramesWithoutUseCountTogetherAndOurOwnDoNot() {
    // Given
    for (int i = 0; i < 100; i++) {
      look.logPing(INBOUND, none, 0);
      look.logPingAck(INBOUND, none, 0);
      look.logSettingsAck(INBOUND, none);
      look.logPriority(INBOUND, none, 1, 0, (short) 1, false);
      look.logUnknownFrame(INBOUND, none, (byte) 99, 1, null, Unpooled.EMPTY_BUFFER);
      look.logPingAck(OUTBOUND, none, 0);
      look.logWindowsUpdate(OUTBOUND, none, 0, 1);
    }
    // When, Then
    assertThatThrownBy(() -> windows(1)).isInstanceOf(IllegalStateException.class);
  }

  @Test
  void aFewOfThemNowAndThenAreNoFlood() {
    for (int i = 0; i < 100; i++) {
      windows(FirstLook.MAX_IDLE_FRAMES / 2);
      nanos += TimeUnit.SECONDS.toNanos(11);
    }
    assertThat(refused).isEmpty();
  }

  @Test
  void aLengthIsSaidOnceAndInDigits() {
    assertThat(sound()).isTrue();
    assertThat(sound("12")).isTrue();
    for (String[] lengths :
        new String[][] {
          {"8", "8"}, {"8", "9"}, {"8, 8"}, {"+8"}, {""}, {" 8"}, {"8 "}, {"0x8"}, {"-1"}
        }) {
      assertThat(sound(lengths)).as(String.join("|", lengths)).isFalse();
    }
  }

  private boolean sound(String... lengths) {
    Http2Headers headers = new DefaultHttp2Headers(false);
    for (String length : lengths) {
      headers.add("content-length", length);
    }
    look.logHeaders(INBOUND, none, 1, headers, 0, true);
    return look.hasSoundLength();
  }
}

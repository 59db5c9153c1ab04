package dev.writ.sidecar.h2c;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** Which frames may stand half sent, and for how long. */
final class FrameClockTest {
  private static final int PREFACE = 24;
  private static final int DATA = 0;
  private static final int HEADERS = 1;
  private static final int PING = 6;
  private static final int CONTINUATION = 9;
  private static final int END_HEADERS = 4;
  private final List<String> late = new ArrayList<>();
  private long nanos;
  private long kept;
  private final EmbeddedChannel channel =
      new EmbeddedChannel(
          new FrameClock(
              PREFACE,
              TimeUnit.SECONDS.toNanos(10),
              () -> nanos,
              bytes -> kept = bytes,
              () -> late.add("late")));

  private static ByteBuf frame(int type, int flags, int length) {
    ByteBuf frame = Unpooled.buffer();
    frame.writeMedium(length).writeByte(type).writeByte(flags).writeInt(1).writeZero(length);
    return frame;
  }

  private void send(ByteBuf... parts) {
    channel.writeInbound((Object[]) parts);
    channel.releaseInbound();
  }

  private void pass(long seconds) {
    nanos += TimeUnit.SECONDS.toNanos(seconds);
    channel.advanceTimeBy(seconds, TimeUnit.SECONDS);
    channel.runScheduledPendingTasks();
  }

  private void preface() {
    send(Unpooled.wrappedBuffer(new byte[PREFACE]));
  }

  @Test
  void aHeadThatGoesOnAndOnEndsTheConnection() {
    // Given
    preface();
    send(frame(HEADERS, 0, 20));
    assertThat(kept).isEqualTo(29);
    // When: a little of it comes every second
    for (int i = 0; i < 9; i++) {
      pass(1);
      send(frame(CONTINUATION, 0, 5));
    }
    pass(1);
    // Then
    assertThat(channel.isOpen()).isFalse();
    assertThat(late).containsExactly("late");
  }

  @Test
  void halfAFrameEndsTheConnectionWhateverPartOfItIsThere() {
    for (int bytes : new int[] {1, 5, 9, 20}) {
      FrameClockTest one = new FrameClockTest();
      one.preface();
      one.send(frame(HEADERS, END_HEADERS, 20).readSlice(bytes).retain());
      // When
      one.pass(9);
      boolean before = one.channel.isOpen();
      one.pass(2);
      // Then
      assertThat(before).as("%s bytes", bytes).isTrue();
      assertThat(one.channel.isOpen()).as("%s bytes", bytes).isFalse();
    }
  }

  @Test
  void aHeadThatEndsInTimeIsNotHeldAgainstAnybody() {
    // Given
    preface();
    send(frame(HEADERS, 0, 20));
    pass(9);
    // When
    send(frame(CONTINUATION, END_HEADERS, 5));
    assertThat(kept).isZero();
    pass(5);
    send(frame(HEADERS, 0, 20));
    pass(9);
    send(frame(CONTINUATION, END_HEADERS, 0));
    pass(1_000);
    // Then
    assertThat(channel.isOpen()).isTrue();
    assertThat(late).isEmpty();
  }

  @Test
  void halfAFrameOfDataMayStandAndNothingMayBeSentAtAll() {
    // Given
    preface();
    pass(100);
    send(frame(HEADERS, END_HEADERS, 20), frame(DATA, 0, 1_000).readSlice(300).retain());
    // When
    pass(100);
    // Then
    assertThat(channel.isOpen()).isTrue();
  }

  @Test
  void soundFramesAreFollowedHoweverTheyAreCut() {
    long seed = new Random().nextLong();
    Random random = new Random(seed);
    ByteBuf all = Unpooled.buffer().writeZero(PREFACE);
    for (int i = 0; i < 500; i++) {
      int type = List.of(DATA, HEADERS, PING, CONTINUATION, 200).get(random.nextInt(5));
      all.writeBytes(frame(type, END_HEADERS, random.nextInt(3) == 0 ? 0 : random.nextInt(900)));
    }
    long bytes = all.readableBytes();
    long passed = 0;
    // When
    while (all.isReadable()) {
      int next = Math.min(all.readableBytes(), 1 + random.nextInt(400));
      channel.writeInbound(all.readRetainedSlice(next));
      ByteBuf part = channel.readInbound();
      passed += part.readableBytes();
      part.release();
    }
    pass(1_000);
    // Then
    assertThat(passed).isEqualTo(bytes);
    assertThat(channel.isOpen()).as("seed " + seed).isTrue();
  }
}

package dev.writ.sidecar.gate;

import io.netty.buffer.ByteBuf;

/**
 * Follows a chunked body to its end: sizes without extensions, no trailers. (RFC 9112, section 7.1;
 * protocol.md, section 4)
 */
final class ChunkedBody {
  private enum Step {
    SIZE,
    SIZE_LF,
    DATA,
    DATA_CR,
    DATA_LF,
    LAST_CR,
    LAST_LF,
    DONE,
    BROKEN
  }

  private static final int MAX_DIGITS = 8;

  private Step step = Step.SIZE;
  private long left;
  private int digits;

  /**
   * Follows the bytes as far as they belong to this body.
   *
   * @return how many of them do; fewer than given only when {@link #done} or {@link #broken}
   */
  int follow(ByteBuf bytes, int from, int end) {
    int at = from;
    while (at < end && step != Step.DONE && step != Step.BROKEN) {
      if (step == Step.DATA) {
        int data = (int) Math.min(left, end - at);
        at += data;
        left -= data;
        step = left == 0 ? Step.DATA_CR : Step.DATA;
      } else {
        step = next(bytes.getByte(at++));
      }
    }
    return at - from;
  }

  private Step next(byte b) {
    return switch (step) {
      case SIZE -> size(b);
      case SIZE_LF -> expect(b, '\n', left == 0 ? Step.LAST_CR : Step.DATA);
      case DATA_CR -> expect(b, '\r', Step.DATA_LF);
      case DATA_LF -> expect(b, '\n', Step.SIZE);
      case LAST_CR -> expect(b, '\r', Step.LAST_LF);
      case LAST_LF -> expect(b, '\n', Step.DONE);
      case DATA, DONE, BROKEN -> Step.BROKEN;
    };
  }

  private Step size(byte b) {
    int digit = b < 0 ? -1 : Character.digit(b, 16);
    if (digit >= 0 && digits < MAX_DIGITS) {
      left = (digits == 0 ? 0 : left * 16) + digit;
      digits++;
      return Step.SIZE;
    }
    boolean ended = b == '\r' && digits > 0;
    digits = 0;
    return ended ? Step.SIZE_LF : Step.BROKEN;
  }

  private static Step expect(byte b, char wanted, Step next) {
    return b == wanted ? next : Step.BROKEN;
  }

  boolean done() {
    return step == Step.DONE;
  }

  boolean broken() {
    return step == Step.BROKEN;
  }
}

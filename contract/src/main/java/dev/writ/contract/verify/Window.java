package dev.writ.contract.verify;

/**
 * Which sequence numbers of one challenge were seen: the last 1,024 below the highest, one bit
 * each. Below the window nothing is accepted, so nothing seen is forgotten. Not thread-safe.
 */
final class Window {
  static final int SIZE = 1_024;
  private static final int WORD = 64;

  private final long[] bits = new long[SIZE / WORD];
  private int highest;

  /** What became of a sequence number. */
  enum Verdict {
    /** It was new, and is marked now. */
    ADMITTED,
    /** It was seen before. */
    REPLAYED,
    /** Nobody knows any more, or the challenge does not count. */
    UNKNOWN
  }

  /** Tests and sets; {@code seq} is at least 1. */
  Verdict offer(int seq) {
    if (seq <= highest - SIZE) {
      return Verdict.UNKNOWN;
    }
    if (seq > highest) {
      advance(seq);
    } else if ((bits[word(seq)] & bit(seq)) != 0) {
      return Verdict.REPLAYED;
    }
    bits[word(seq)] |= bit(seq);
    return Verdict.ADMITTED;
  }

  private void advance(int seq) {
    for (int s = Math.max(highest + 1, seq - SIZE + 1); s <= seq; s++) {
      bits[word(s)] &= ~bit(s);
    }
    highest = seq;
  }

  private static int word(int seq) {
    return (seq & (SIZE - 1)) / WORD;
  }

  private static long bit(int seq) {
    return 1L << seq;
  }
}

package dev.writ.sidecar.allowance;

import java.util.Arrays;

/** Attempts of the last two seconds, in four buckets of half a second. */
final class Attempts {
  private static final int BUCKETS = 4;
  private static final long BUCKET_MILLIS = 500;

  private final long[] counts = new long[BUCKETS];
  private long newest = Long.MIN_VALUE;

  void add(long nowMillis) {
    turn(nowMillis);
    counts[(int) Math.floorMod(newest, (long) BUCKETS)]++;
  }

  long recent(long nowMillis) {
    turn(nowMillis);
    return Arrays.stream(counts).sum();
  }

  private void turn(long nowMillis) {
    long bucket = Math.floorDiv(nowMillis, BUCKET_MILLIS);
    if (newest == Long.MIN_VALUE || bucket - newest >= BUCKETS) {
      Arrays.fill(counts, 0);
    } else {
      for (long old = newest + 1; old <= bucket; old++) {
        counts[(int) Math.floorMod(old, (long) BUCKETS)] = 0;
      }
    }
    newest = Math.max(newest, bucket);
  }
}

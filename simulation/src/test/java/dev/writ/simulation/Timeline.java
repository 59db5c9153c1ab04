package dev.writ.simulation;

import java.util.PriorityQueue;
import java.util.SplittableRandom;

/** Virtual time: what is planned happens in order, one after the other, on this thread. */
final class Timeline {
  private final PriorityQueue<Event> events = new PriorityQueue<>();
  private final SplittableRandom random;
  private long sequence;
  private long now = 1_000_000;

  Timeline(SplittableRandom random) {
    this.random = random;
  }

  private record Event(long at, long sequence, Runnable what) implements Comparable<Event> {
    @Override
    public int compareTo(Event other) {
      int byTime = Long.compare(at, other.at);
      return byTime != 0 ? byTime : Long.compare(sequence, other.sequence);
    }
  }

  long now() {
    return now;
  }

  void in(long millis, Runnable what) {
    events.add(new Event(now + millis, sequence++, what));
  }

  /** Happens once within that time. */
  void within(long millis, Runnable what) {
    in(random.nextLong(millis + 1), what);
  }

  /** False when nothing is left before {@code end}. */
  boolean step(long end) {
    Event event = events.peek();
    if (event == null || event.at() > end) {
      now = Math.max(now, end);
      return false;
    }
    events.poll();
    now = event.at();
    event.what().run();
    return true;
  }
}

package dev.writ.operator.reconcile;

import static org.assertj.core.api.Assertions.assertThat;

import dev.writ.operator.issue.Programs;
import java.util.ArrayList;
import java.util.List;
import java.util.PriorityQueue;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class NudgesTest {
  private static final String CID = "1f0c2a9e-0b1d-4e57-9a55-2f5d8a6f3b11";

  private final ByHand timer = new ByHand();
  private final Programs programs = new Programs();
  private final Nudges nudges = new Nudges(programs, timer);
  private final List<Long> looks = new ArrayList<>();

  @BeforeEach
  void open() {
    programs.seen(CID, new Programs.Place("bank", "billing-may-transfer"));
    nudges.source().setEventHandler(_ -> looks.add(timer.now));
    nudges.source().start();
    nudges.open();
  }

  @AfterEach
  void stop() {
    timer.shutdownNow();
  }

  @Test
  void whatIsCountedIsLookedAtSoonAndThenOnceASecond() {
    // When something is counted each ten milliseconds, for three seconds
    for (long at = 0; at < 3_000; at += 10) {
      timer.passTo(at);
      nudges.count(CID);
    }
    timer.passTo(10_000);
    // Then the last look is after the last count
    assertThat(looks).containsExactly(50L, 1_100L, 2_150L, 3_200L);
    // And after a rest the next is looked at soon again
    nudges.count(CID);
    timer.passTo(20_000);
    assertThat(looks).last().isEqualTo(10_050L);
    assertThat(looks).hasSize(5);
    assertThat(timer.tasks).isEmpty();
  }

  @Test
  void whatChangesMoreThanNumbersDoesNotWaitForTheCounts() {
    nudges.count(CID);
    timer.passTo(100);
    nudges.count(CID);
    nudges.nudge(CID);
    nudges.nudge(CID);
    timer.passTo(1_000);
    assertThat(looks).containsExactly(50L, 150L);
  }

  @Test
  void whoCountsForACapabilityThatIsGoneLeavesNothingBehind() {
    programs.remove(CID);
    nudges.count(CID);
    nudges.count(CID);
    timer.passTo(10_000);
    assertThat(looks).isEmpty();
    assertThat(timer.tasks).isEmpty();
  }

  /** Runs what is due when told how late it is, milliseconds. */
  private static final class ByHand extends ScheduledThreadPoolExecutor {
    private final PriorityQueue<Task> tasks = new PriorityQueue<>();
    private long now;

    private record Task(long due, Runnable run) implements Comparable<Task> {
      @Override
      public int compareTo(Task other) {
        return Long.compare(due, other.due);
      }
    }

    ByHand() {
      super(0);
    }

    @Override
    public ScheduledFuture<?> schedule(Runnable command, long delay, TimeUnit unit) {
      tasks.add(new Task(now + unit.toMillis(delay), command));
      // Nobody asks what became of it.
      return super.schedule(() -> {}, 1, TimeUnit.DAYS);
    }

    void passTo(long later) {
      while (!tasks.isEmpty() && tasks.peek().due <= later) {
        Task next = tasks.remove();
        now = next.due;
        next.run.run();
      }
      now = later;
    }
  }
}

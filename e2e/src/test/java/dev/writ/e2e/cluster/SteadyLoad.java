package dev.writ.e2e.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** An agent that calls the ledger at a steady rate, and what became of its calls. */
final class SteadyLoad {
  /** Calls a second; a machine that is busy with other things does not keep up with many. */
  static final int RATE = Integer.getInteger("writ.it.rate", 50);

  private static final Pattern LINE =
      Pattern.compile("steady made=(\\d+) accepted=(\\d+) failed=(\\d+) oldest=(\\d+)s");

  /** By which a line may be late, and a count of seconds wrong. */
  private static final Duration SLACK = Duration.ofSeconds(3);

  private final TestNamespace test;

  private SteadyLoad(TestNamespace test) {
    this.test = test;
  }

  /**
   * Calls that were made and how they ended; what was still under way is in neither.
   *
   * @param oldest how long the oldest of those under way is
   */
  record Tally(long made, long accepted, long failed, Duration oldest, List<String> complaints) {
    /** What the last line of a log says; nothing happened where there is none. */
    static Tally of(String log) {
      List<String> complaints = log.lines().filter(text -> text.startsWith("failed ")).toList();
      Matcher line = LINE.matcher(log);
      Tally tally = new Tally(0, 0, 0, Duration.ZERO, complaints);
      while (line.find()) {
        tally =
            new Tally(
                Long.parseLong(line.group(1)),
                Long.parseLong(line.group(2)),
                Long.parseLong(line.group(3)),
                Duration.ofSeconds(Long.parseLong(line.group(4))),
                complaints);
      }
      return tally;
    }
  }

  /**
   * Starts it; returns once calls are accepted as fast as they are made: cold JVMs have had their
   * time, and nothing of it is still to fail.
   */
  static SteadyLoad start(TestNamespace test) {
    test.apply("steady.yaml", Map.of("RATE", "" + RATE));
    test.rolledOut("steady");
    SteadyLoad load = new SteadyLoad(test);
    Cluster.await(
        "steady calls",
        () -> {
          Tally before = load.tally();
          Cluster.pause(Duration.ofSeconds(3));
          Tally now = load.tally();
          return now.accepted() > before.accepted() + 2 * RATE
              && now.failed() == before.failed()
              && now.oldest().toSeconds() <= 2;
        });
    return load;
  }

  /** What the agent said last; while it is replaced that is one of two. */
  Tally tally() {
    return Tally.of(test.kubectl("logs", "deployment/steady", "-c", "agent", "--tail", "2000"));
  }

  /**
   * Waits until so many more calls were accepted and every call made until now has ended, then
   * holds that none has failed since before.
   */
  void goesOnWithoutFailure(Tally before, int more) {
    long until = System.nanoTime();
    Cluster.await(
        more + " more calls",
        () -> {
          Tally now = tally();
          return now.failed() > before.failed()
              || (now.accepted() >= before.accepted() + more
                  && now.oldest().plus(SLACK).toNanos() < System.nanoTime() - until);
        });
    Tally now = tally();
    assertThat(now.failed() - before.failed()).as("%s", now.complaints()).isZero();
  }
}

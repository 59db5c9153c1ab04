package dev.writ.e2e.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** An agent that calls the ledger at a steady rate, and what became of its calls. */
final class SteadyLoad {
  /** Calls a second; a machine that is busy with other things does not keep up with fifty. */
  static final int RATE = Integer.getInteger("writ.it.rate", 50);

  private static final Pattern LINE =
      Pattern.compile("steady made=(\\d+) accepted=(\\d+) failed=(\\d+)");

  private final TestNamespace test;

  private SteadyLoad(TestNamespace test) {
    this.test = test;
  }

  /** Calls that were made and how they ended; what was still under way is in neither. */
  record Tally(long made, long accepted, long failed, List<String> complaints) {}

  /**
   * Starts it; returns once calls are accepted without a failure: cold JVMs have had their time.
   */
  static SteadyLoad start(TestNamespace test) {
    test.apply("steady.yaml", Map.of("RATE", "" + RATE));
    test.rolledOut("steady");
    SteadyLoad load = new SteadyLoad(test);
    Cluster.await(
        "steady calls",
        () -> {
          Tally before = load.tally();
          Cluster.pause(Duration.ofSeconds(4));
          Tally now = load.tally();
          return now.accepted() > before.accepted() + RATE && now.failed() == before.failed();
        });
    return load;
  }

  /** What the present pod of the agent said last. */
  Tally tally() {
    return tally(test.kubectl("logs", "deployment/steady", "-c", "agent", "--tail", "2000"));
  }

  private static Tally tally(String log) {
    Matcher line = LINE.matcher(log);
    Tally tally = new Tally(0, 0, 0, List.of());
    List<String> complaints = new ArrayList<>();
    log.lines().filter(text -> text.startsWith("failed ")).forEach(complaints::add);
    while (line.find()) {
      tally =
          new Tally(
              Long.parseLong(line.group(1)),
              Long.parseLong(line.group(2)),
              Long.parseLong(line.group(3)),
              complaints);
    }
    return tally;
  }

  /** Waits until so many more calls were accepted, then holds that none has failed since before. */
  void goesOnWithoutFailure(Tally before, int more) {
    Cluster.await(
        more + " more calls",
        () -> {
          Tally now = tally();
          return now.failed() > before.failed() || now.accepted() >= before.accepted() + more;
        });
    Tally now = tally();
    assertThat(now.failed() - before.failed()).as("%s", now.complaints()).isZero();
  }
}

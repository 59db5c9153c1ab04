package dev.writ.simulation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Exact counts under every fault there is, over the very code that operator and sidecar run
 * (quota.md, How it is proved). {@code -Dsimulation.schedules=1000000} plays more, {@code
 * -Dsimulation.seed=N} plays one again.
 */
class SimulationTest {
  private static final long FIRST_SEED = 1;
  private static final int DEFAULT_SCHEDULES = 20_000;
  private static final int ENOUGH = 20_000;

  @Test
  void noScheduleAdmitsOneCallTooManyOrLosesOneWithoutAFault() {
    // Given
    Long one = Long.getLong("simulation.seed");
    long schedules = one == null ? Long.getLong("simulation.schedules", DEFAULT_SCHEDULES) : 1;
    long first = one == null ? FIRST_SEED : one;

    // When, Then
    for (long seed = first; seed < first + schedules; seed++) {
      String violation = play(seed, Bug.NONE);
      if (violation != null) {
        fail(
            "seed %d: %s%nplay it again with -Dsimulation.seed=%d%n%s",
            seed, violation, seed, Plan.draw(seed));
      }
    }
  }

  @ParameterizedTest(name = "{0}")
  @EnumSource(value = Bug.class, names = "NONE", mode = EnumSource.Mode.EXCLUDE)
  void eachMistakeThatTheModelsNameIsFound(Bug bug) {
    // When
    long found = -1;
    for (long seed = FIRST_SEED; seed < FIRST_SEED + ENOUGH && found < 0; seed++) {
      found = play(seed, bug) == null ? -1 : seed;
    }

    // Then
    assertThat(found).as("a schedule that shows %s", bug).isPositive();
  }

  @Test
  void aSeedPlaysTheSameEveryTime() {
    // When
    String first = play(7, Bug.FORMULA_MAX1_AT_ZERO);
    String second = play(7, Bug.FORMULA_MAX1_AT_ZERO);

    // Then
    assertThat(second).isEqualTo(first);
  }

  /** What was violated, null for nothing. */
  static String play(long seed, Bug bug) {
    try {
      new World(Plan.draw(seed), bug).run();
      return null;
    } catch (Violation e) {
      return e.getMessage();
    } catch (RuntimeException e) {
      if (bug == Bug.NONE) {
        throw new IllegalStateException("seed " + seed, e);
      }
      return Arrays.asList(e, e.getStackTrace()[0]).toString();
    }
  }
}

package dev.writ.operator;

import static org.assertj.core.api.Assertions.assertThat;

import dev.writ.operator.inject.AdmissionHandler.Outcome;
import dev.writ.operator.inject.AdmissionHandler.Owner;
import dev.writ.operator.inject.AdmissionHandler.Result;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class InjectionEventsTest {
  private static final Owner SET = new Owner("apps/v1", "ReplicaSet", "ledger-1", "u-1");

  private final List<String> sent = new ArrayList<>();
  private Instant now = Instant.parse("2026-11-01T00:00:00Z");
  private final InjectionEvents events =
      new InjectionEvents(
          (about, reason, message, _) ->
              sent.add(about.getKind() + "/" + about.getName() + " " + reason + " " + message),
          Runnable::run,
          () -> now);

  private static Outcome refused(Owner owner, String why) {
    return new Outcome(Result.REFUSED, "bank", false, owner, why);
  }

  @Test
  void aControllerThatTriesAgainIsToldOnceInTenMinutes() {
    // When
    for (int each = 0; each < 50; each++) {
      events.admitted(refused(SET, "annotation x is unknown"));
    }
    now = now.plus(Duration.ofMinutes(11));
    events.admitted(refused(SET, "annotation x is unknown"));
    // Then
    assertThat(sent)
        .hasSize(2)
        .allMatch(
            "ReplicaSet/ledger-1 InjectionRefused a pod was refused: annotation x is unknown"
                ::equals);
  }

  @Test
  void anotherReasonAnotherOwnerAndAnotherEndAreNews() {
    // When
    events.admitted(refused(SET, "one"));
    events.admitted(refused(SET, "two"));
    events.admitted(refused(new Owner("batch/v1", "Job", "nightly", "u-2"), "one"));
    events.admitted(new Outcome(Result.INJECTED, "bank", false, SET, ""));
    // Then
    assertThat(sent).hasSize(4).last().asString().contains("Injected");
  }

  @Test
  void nobodyIsToldOfDryRunsOfSkippedPodsAndOfPodsThatAPersonMade() {
    // When
    events.admitted(new Outcome(Result.REFUSED, "bank", true, SET, "one"));
    events.admitted(new Outcome(Result.SKIPPED, "bank", false, SET, ""));
    events.admitted(new Outcome(Result.REFUSED, "bank", false, null, "one"));
    // Then
    assertThat(sent).isEmpty();
  }

  @Test
  void whatIsRememberedIsBounded() {
    // When
    for (int each = 0; each < 10_000; each++) {
      events.admitted(refused(new Owner("apps/v1", "ReplicaSet", "r", "u-" + each), "one"));
    }
    // Then all were told, and the memory began anew meanwhile
    assertThat(sent).hasSize(10_000);
    events.admitted(refused(new Owner("apps/v1", "ReplicaSet", "r", "u-0"), "one"));
    assertThat(sent).hasSize(10_001);
  }
}

package dev.writ.operator.inject;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RehearsalTest {
  private static final PodMutator MUTATOR =
      new PodMutator(
          InjectionSettings.of("sidecar:1", URI.create("https://o:443"), "cluster.local"));
  private final AdmissionHandler handler = new AdmissionHandler(MUTATOR, _ -> false, _ -> {});

  @ParameterizedTest
  @ValueSource(strings = {"", ", \"writ.dev/capture\": \"loopback\""})
  void whatIsRehearsedIsAWholeInjection(String annotations) throws Exception {
    // When
    JsonNode answer =
        new ObjectMapper().readTree(handler.handle(Rehearsal.review(annotations))).get("response");
    // Then
    assertThat(answer.get("allowed").asBoolean()).as(answer.toString()).isTrue();
    assertThat(new String(answer.get("patch").binaryValue(), StandardCharsets.UTF_8))
        .contains("writ-sidecar", "/spec/containers/0/readinessProbe");
  }

  @Test
  void aRefusalIsRehearsedToo() throws Exception {
    // When
    JsonNode answer =
        new ObjectMapper()
            .readTree(handler.handle(Rehearsal.review(", \"writ.dev/unknown\": \"x\"")))
            .get("response");
    // Then
    assertThat(answer.get("allowed").asBoolean()).isFalse();
    Rehearsal.play(MUTATOR);
  }
}

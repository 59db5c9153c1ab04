package dev.writ.operator.inject;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * All that the sidecar of one pod depends on, beside the settings that are the same for all pods.
 *
 * @param ports guarded, ascending
 * @param gate {@code enforce} or {@code audit}
 * @param deputy value of the annotation, null when the pod has none
 * @param answers what the author says about answers
 * @param probes what the sidecar answers in the app's place
 * @param required whether the namespace requires injection: then an exposed app is not served
 */
record Injection(
    CaptureMode capture,
    List<Integer> ports,
    String gate,
    @Nullable String deputy,
    AnswerSettings answers,
    ProbeTable probes,
    boolean required,
    SidecarResources resources) {
  static final String PORTS = "WRIT_PORTS";
  static final String PROBES = "WRIT_PROBES";

  Injection {
    ports = List.copyOf(ports);
  }

  /**
   * What a sidecar in the pod was injected for, if that was an earlier pass over the same pod: a
   * webhook between the passes may have added a container, never taken one. (R7)
   *
   * @throws Refusal when it guards something that this pod does not have
   */
  Injection earlier(JsonNode sidecar) throws Refusal {
    String text = variable(sidecar, PORTS);
    ProbeTable before = ProbeTable.parse(variable(sidecar, PROBES));
    List<Integer> guarded =
        ports.stream()
            .filter(port -> Arrays.asList(text.split(",", -1)).contains(String.valueOf(port)))
            .toList();
    return new Injection(
        capture, guarded, gate, deputy, answers, probes.restrictedTo(before), required, resources);
  }

  static String variable(JsonNode container, String name) {
    return Pod.named(Pod.items(container.path("env")), name).path("value").asText("");
  }
}

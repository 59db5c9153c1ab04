package dev.writ.operator.inject;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.writ.contract.MalformedException;
import dev.writ.operator.inject.AdmissionHandler.Outcome;
import dev.writ.operator.inject.AdmissionHandler.Result;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class AdmissionHandlerTest {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final String POD =
      """
      {"metadata":{"namespace":"elsewhere","annotations":{"writ.dev/inject":"enabled","writ.dev/capture":"loopback"}},
       "spec":{"containers":[{"name":"app","image":"a"}]}}
      """;
  private final List<Outcome> outcomes = new ArrayList<>();
  private final AdmissionHandler handler =
      new AdmissionHandler(
          new PodMutator(
              InjectionSettings.of("sidecar:1", URI.create("https://o:443"), "cluster.local")),
          "required"::equals,
          outcomes::add);

  @Test
  void anInjectedPodGetsAPatchAndTheNamespaceIsThatOfTheRequest() throws Exception {
    // When
    JsonNode response = handle(review("CREATE", "Pod", "bank", POD, false));
    // Then
    assertThat(response.get("uid").asText()).isEqualTo("u-1");
    assertThat(response.get("allowed").asBoolean()).isTrue();
    assertThat(response.get("patchType").asText()).isEqualTo("JSONPatch");
    assertThat(JSON.readTree(response.get("patch").binaryValue())).isNotEmpty();
    assertThat(outcomes).containsExactly(new Outcome(Result.INJECTED, "bank", false, null, ""));
  }

  @Test
  void theControllerOfARefusedPodIsToldWithTheReason() throws Exception {
    // Given
    String owned =
        """
        {"metadata": {"annotations": {"writ.dev/inject": "enabled", "writ.dev/injekt": "x"},
            "ownerReferences": [
              {"apiVersion": "v1", "kind": "Other", "name": "o", "uid": "u-1"},
              {"apiVersion": "apps/v1", "kind": "ReplicaSet", "name": "r", "uid": "u-2", "controller": true}]},
          "spec": {"containers": [{"name": "app", "image": "i"}]}}
        """;
    // When
    handle(review("CREATE", "Pod", "bank", owned, false));
    // Then
    Outcome outcome = outcomes.getFirst();
    assertThat(outcome.result()).isEqualTo(Result.REFUSED);
    assertThat(outcome.owner())
        .isEqualTo(new AdmissionHandler.Owner("apps/v1", "ReplicaSet", "r", "u-2"));
    assertThat(outcome.said()).contains("writ.dev/injekt");
  }

  @Test
  void aDryRunIsToldAsOne() throws Exception {
    // When
    handle(review("CREATE", "Pod", "bank", POD, true));
    // Then
    assertThat(outcomes).containsExactly(new Outcome(Result.INJECTED, "bank", true, null, ""));
  }

  @Test
  void aPodThatDidNotAskIsLetThroughWithAWarning() throws Exception {
    // When
    JsonNode response = handle(review("CREATE", "Pod", "bank", "{\"spec\":{}}", false));
    // Then
    assertThat(response.get("allowed").asBoolean()).isTrue();
    assertThat(response.get("warnings").get(0).asText()).contains("not injected");
    assertThat(response.has("patch")).isFalse();
  }

  @Test
  void anEnforcedNamespaceIsInjectedWithoutBeingAsked() throws Exception {
    // When
    JsonNode response =
        handle(review("CREATE", "Pod", "required", "{\"spec\":{\"containers\":[]}}", false));
    // Then
    assertThat(JSON.readTree(response.get("patch").binaryValue()).toString())
        .contains("writ-capture")
        .contains("writ-sidecar");
  }

  @ParameterizedTest
  @ValueSource(strings = {"UPDATE", "DELETE", "CONNECT"})
  void otherOperationsAreRefused(String operation) throws Exception {
    // When
    JsonNode response = handle(review(operation, "Pod", "bank", POD, false));
    // Then
    assertThat(response.get("allowed").asBoolean()).isFalse();
    assertThat(response.at("/status/message").asText()).contains("MutatingWebhookConfiguration");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "null",
        "[]",
        "{}",
        "{\"apiVersion\":\"admission.k8s.io/v1beta1\",\"kind\":\"AdmissionReview\",\"request\":{\"uid\":\"u\"}}",
        "{\"apiVersion\":\"admission.k8s.io/v1\",\"kind\":\"AdmissionReview\",\"request\":{}}",
        "{\"apiVersion\":\"admission.k8s.io/v1\",\"kind\":\"AdmissionReview\",\"request\":{\"uid\":\"u\"}}{}",
        "{\"apiVersion\":\"admission.k8s.io/v1\",\"kind\":\"AdmissionReview\",\"kind\":\"AdmissionReview\",\"request\":{\"uid\":\"u\"}}",
        "{\"apiVersion\":\"admission.k8s.io/v1\",\"kind\":\"Admiss"
      })
  void whatIsNoReviewIsNoAnswer(String body) {
    assertThatThrownBy(() -> handler.handle(body.getBytes(StandardCharsets.UTF_8)))
        .isInstanceOf(MalformedException.class);
    assertThat(outcomes).isEmpty();
  }

  private JsonNode handle(String review) throws Exception {
    return JSON.readTree(handler.handle(review.getBytes(StandardCharsets.UTF_8))).get("response");
  }

  private static String review(
      String operation, String kind, String namespace, String object, boolean dryRun) {
    return """
    {"apiVersion":"admission.k8s.io/v1","kind":"AdmissionReview","request":{"uid":"u-1",
     "kind":{"group":"","version":"v1","kind":"%s"},"operation":"%s","namespace":"%s","dryRun":%s,"object":%s}}
    """
        .formatted(kind, operation, namespace, dryRun, object);
  }
}

package dev.writ.v1alpha1;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.fabric8.kubeapitest.junit.EnableKubeAPIServer;
import io.fabric8.kubeapitest.junit.KubeConfig;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfEnvironmentVariable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The definitions on a real API server: what it refuses, what it keeps, what kubectl shows. */
@EnableKubeAPIServer
@EnabledIfEnvironmentVariable(named = "KUBE_API_TEST_DIR", matches = ".+")
class CrdCasesIT {
  private static final String API = "/apis/writ.dev/v1alpha1/namespaces/default/";

  @KubeConfig static String kubeConfig;
  private static KubernetesClient client;

  @BeforeAll
  static void install() {
    client = new KubernetesClientBuilder().withConfig(Config.fromKubeconfig(kubeConfig)).build();
    for (Crd crd : Crd.values()) {
      client.load(crd.open()).create();
      Awaitility.await().ignoreExceptions().until(() -> client.raw(API + crd.plural) != null);
    }
  }

  @AfterAll
  static void close() {
    client.close();
  }

  @ParameterizedTest
  @MethodSource("dev.writ.v1alpha1.Case#valid")
  void accepts(Case given) throws Exception {
    // When
    JsonNode kept = tryCreate(given.resource());
    // Then
    assertThat(kept.at("/spec").size()).isPositive();
  }

  @ParameterizedTest
  @MethodSource("dev.writ.v1alpha1.Case#invalid")
  void refusesAndSaysWhy(Case given) {
    assertThatThrownBy(() -> tryCreate(given.resource()))
        .isInstanceOf(KubernetesClientException.class)
        .hasMessageContaining(given.refusal().orElseThrow());
  }

  @Test
  void valuesKeepTheirJsonTypes() throws Exception {
    // Given
    Case given = named("valid-argument-values-are-scalars.yaml");
    // When
    JsonNode kept = tryCreate(given.resource());
    // Then
    assertThat(kept.at("/spec/actions/0/arguments/0/values").toString())
        .isEqualTo("[\"EUR\",\"1\",1,2.5,-0.001,true,false,null,\"null\",\"\"]");
  }

  @Test
  void whatIsLeftOutHasItsDefault() throws Exception {
    // When
    JsonNode spec = tryCreate(named("valid-argument-range.yaml").resource()).at("/spec");
    // Then
    assertThat(spec.at("/baseProtocol").asText()).isEqualTo("Allow");
    assertThat(spec.at("/audit").asText()).isEqualTo("Async");
    assertThat(spec.at("/onExpiry").asText()).isEqualTo("Drain");
    assertThat(spec.at("/suspend").toString()).isEqualTo("false");
    assertThat(spec.at("/actions/0/arguments/0/required").toString()).isEqualTo("true");
  }

  @Test
  void aTableTellsWhoMayCallWhomAndHowOftenStill() throws Exception {
    // Given
    client.raw(API + "agentcapabilities", "POST", named("valid-everything.yaml").resource());
    client
        .resources(AgentCapability.class)
        .inNamespace("default")
        .withName("everything")
        .subresource("status")
        .patch(
            PatchContext.of(PatchType.JSON_MERGE),
            """
            {"status": {"calls": {"summary": "17/1000"}, "decisions": {"denied": 4}, "holders": 3,
              "conditions": [{"type": "Ready", "status": "True", "reason": "Active",
                "message": "", "lastTransitionTime": "2026-11-22T00:00:00Z"}]}}
            """);
    client.raw(API + "agentcapabilities", "POST", named("valid-source-is-one.yaml").resource());
    // When
    JsonNode table = table("agentcapabilities");
    // Then
    assertThat(texts(table.at("/columnDefinitions"), "/name"))
        .containsExactly(
            "Name",
            "Source",
            "Target",
            "Calls",
            "Ready",
            "Reason",
            "Denied",
            "Not-After",
            "Holders",
            "Age");
    assertThat(table.at("/rows/0/cells").toString())
        .startsWith(
            "[\"everything\",\"billing-agent\",\"ledger-agent\",\"17/1000\",\"True\",\"Active\",4,"
                + "\"2027-04-30T23:59:59Z\",3,");
    assertThat(table.at("/rows/1/cells").toString())
        .startsWith("[\"source-is-one\",\"billing-contract\",\"ledger-agent\",null,");
  }

  @Test
  void theShortNameAndTheCategoryLeadToCapabilities() throws Exception {
    // When
    JsonNode resources = json(client.raw("/apis/writ.dev/v1alpha1")).at("/resources");
    // Then
    List<JsonNode> capabilities = new ArrayList<>();
    resources.forEach(
        it -> {
          if (it.at("/name").asText().equals("agentcapabilities")) {
            capabilities.add(it);
          }
        });
    assertThat(capabilities).hasSize(1);
    assertThat(capabilities.getFirst().at("/shortNames").toString()).isEqualTo("[\"acap\"]");
    assertThat(capabilities.getFirst().at("/categories").toString()).isEqualTo("[\"writ\"]");
  }

  @Test
  void aLedgerStaysWithItsCapability() {
    // Given
    client.raw(API + "callledgers", "POST", named("valid-ledger.yaml").resource());
    var ledger = client.resources(CallLedger.class).inNamespace("default").withName("ledger");
    // When, Then
    assertThatThrownBy(
            () ->
                ledger.patch(
                    PatchContext.of(PatchType.JSON_MERGE),
                    "{\"spec\": {\"capability\": \"another\"}}"))
        .isInstanceOf(KubernetesClientException.class)
        .hasMessageContaining("a ledger stays with its capability");
  }

  /** As kubectl does it: nothing unknown, nothing twice; stored nowhere. */
  private static JsonNode tryCreate(JsonNode resource) throws Exception {
    String plural =
        resource.at("/kind").asText().equals("CallLedger") ? "callledgers" : "agentcapabilities";
    return json(client.raw(API + plural + "?dryRun=All&fieldValidation=Strict", "POST", resource));
  }

  private static JsonNode table(String plural) throws Exception {
    var http = client.getHttpClient();
    var request =
        http.newHttpRequestBuilder()
            .uri(client.getConfiguration().getMasterUrl().replaceAll("/$", "") + API + plural)
            .header("Accept", "application/json;as=Table;v=v1;g=meta.k8s.io")
            .build();
    return json(http.sendAsync(request, String.class).get(10, TimeUnit.SECONDS).body());
  }

  private static Case named(String name) {
    return Case.all().stream().filter(it -> it.name().equals(name)).findFirst().orElseThrow();
  }

  private static List<String> texts(JsonNode array, String pointer) {
    var texts = new ArrayList<String>();
    array.forEach(it -> texts.add(it.at(pointer).asText()));
    return texts;
  }

  private static JsonNode json(String text) throws Exception {
    return new ObjectMapper().readTree(text);
  }
}

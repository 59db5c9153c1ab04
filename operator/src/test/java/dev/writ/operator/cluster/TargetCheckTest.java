package dev.writ.operator.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import dev.writ.contract.MalformedException;
import dev.writ.contract.SpiffeId;
import dev.writ.contract.document.Limits;
import dev.writ.contract.document.Rule;
import dev.writ.contract.json.StrictJson;
import dev.writ.operator.capability.Reason;
import dev.writ.operator.capability.Resolution;
import dev.writ.operator.capability.Terms;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.OptionalLong;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class TargetCheckTest {
  private static final String INJECTED =
      """
      apiVersion: v1
      kind: Pod
      metadata:
        {name: p, namespace: bank, uid: u, labels: {app: ledger, writ.dev/injected: "true"}, annotations: {writ.dev/inject: enabled}}
      spec:
        initContainers: [{name: writ-sidecar, restartPolicy: Always}]
        containers: [{name: app, ports: [{name: http, containerPort: 8080}, {name: udp, containerPort: 53, protocol: UDP}]}]
      """;

  private static InjectedPod pod(String yaml) {
    return PodReader.read(Serialization.unmarshal(yaml, Pod.class));
  }

  private static Service service(String spec) {
    return Serialization.unmarshal(
        "apiVersion: v1\nkind: Service\nmetadata: {name: ledger, namespace: bank}\nspec: " + spec,
        Service.class);
  }

  private static Resolution check(@Nullable String port, String spec, InjectedPod... pods) {
    return check(
        "\"http\":{\"methods\":[\"GET\"],\"paths\":[{\"type\":\"Exact\",\"value\":\"/\"}]}",
        port,
        spec,
        pods);
  }

  private static Rule rule(String match) {
    try {
      String json = "{\"action\":\"a\"," + match + "}";
      return Rule.read("rule", StrictJson.body(json.getBytes(StandardCharsets.UTF_8)));
    } catch (MalformedException e) {
      throw new IllegalArgumentException(e);
    }
  }

  private static Resolution check(
      String match, @Nullable String port, String spec, InjectedPod... pods) {
    Terms terms =
        new Terms(
            new Terms.Subject("bank", "c", "cid", 1, 0),
            SpiffeId.workload("cluster.local", "plan", "billing"),
            null,
            SpiffeId.service("cluster.local", "bank", "ledger"),
            port,
            List.of(rule(match)),
            Limits.NONE,
            OptionalLong.empty(),
            OptionalLong.empty(),
            Terms.Delegable.NO,
            true,
            false,
            false,
            false);
    return TargetCheck.of(terms, service(spec), List.of(pods), Set.of());
  }

  private static Reason reason(Resolution resolution) {
    return ((Resolution.Unresolved) resolution).reason();
  }

  @Test
  void namedAndNumericAndAbsentTargetPortsLeadToThePod() {
    for (String port :
        List.of("{port: 80, targetPort: http}", "{port: 80, targetPort: 8080}", "{port: 8080}")) {
      assertThat(check(null, "{selector: {app: ledger}, ports: [" + port + "]}", pod(INJECTED)))
          .isInstanceOf(Resolution.Resolved.class);
    }
  }

  @Test
  void aPortThatNoContainerDeclaresLeadsPastTheSidecar() {
    for (String port :
        List.of(
            "{port: 80, targetPort: other}",
            "{port: 80, targetPort: 9090}",
            "{port: 53, protocol: UDP}",
            "{port: 80, targetPort: udp}")) {
      assertThat(
              reason(
                  check(null, "{selector: {app: ledger}, ports: [" + port + "]}", pod(INJECTED))))
          .isEqualTo(Reason.PORT_NOT_FOUND);
    }
  }

  @Test
  void aServiceThatSelectsNothingHasNoGuard() {
    assertThat(reason(check(null, "{ports: [{port: 8080}]}", pod(INJECTED))))
        .isEqualTo(Reason.SERVICE_NOT_FOUND);
    assertThat(
            reason(
                check(
                    null,
                    "{type: ExternalName, externalName: a.b, selector: {app: ledger}, ports:"
                        + " [{port: 8080}]}",
                    pod(INJECTED))))
        .isEqualTo(Reason.SERVICE_NOT_FOUND);
    assertThat(
            reason(check(null, "{selector: {app: other}, ports: [{port: 8080}]}", pod(INJECTED))))
        .isEqualTo(Reason.TARGET_UNGUARDED);
    assertThat(reason(check(null, "{selector: {app: ledger}, ports: [{port: 8080}]}")))
        .isEqualTo(Reason.TARGET_UNGUARDED);
  }

  @Test
  void aPortOfAnotherProtocolIsNoPortForHttpRules() {
    assertThat(
            reason(
                check(
                    null,
                    "{selector: {app: ledger}, ports: [{port: 8080, appProtocol: writ.dev/mcp}]}",
                    pod(INJECTED))))
        .isEqualTo(Reason.PROTOCOL_MISMATCH);
    assertThat(
            check(
                null,
                "{selector: {app: ledger}, ports: [{port: 8080, appProtocol: https}]}",
                pod(INJECTED)))
        .isInstanceOf(Resolution.Resolved.class);
  }

  @Test
  void eachProtocolOfTheRulesNeedsAPortThatIsReadSo() {
    String ports = "{selector: {app: ledger}, ports: [{port: 8080, appProtocol: %s}]}";
    String mcp = "\"mcp\":{}";
    String a2a = "\"a2a\":{\"operations\":[\"SendMessage\"]}";
    assertThat(check(mcp, null, ports.formatted("writ.dev/mcp"), pod(INJECTED)))
        .isInstanceOf(Resolution.Resolved.class);
    assertThat(check(a2a, null, ports.formatted("kgateway.dev/a2a"), pod(INJECTED)))
        .isInstanceOf(Resolution.Resolved.class);
    assertThat(reason(check(mcp, null, ports.formatted("writ.dev/a2a"), pod(INJECTED))))
        .isEqualTo(Reason.PROTOCOL_MISMATCH);
    assertThat(check(a2a, null, ports.formatted("http"), pod(INJECTED)).toString())
        .contains("write appProtocol: writ.dev/a2a");
  }

  @Test
  void onePortOfSeveralCanNotBeGrantedAlone() {
    String two =
        "{selector: {app: ledger}, ports: [{name: a, port: 8080}, {name: b, port: 81, targetPort:"
            + " 8080}]}";
    assertThat(reason(check("a", two, pod(INJECTED)))).isEqualTo(Reason.NOT_SUPPORTED);
    assertThat(reason(check("c", two, pod(INJECTED)))).isEqualTo(Reason.PORT_NOT_FOUND);
    assertThat(
            check("a", "{selector: {app: ledger}, ports: [{name: a, port: 8080}]}", pod(INJECTED)))
        .isInstanceOf(Resolution.Resolved.class);
  }

  @Test
  void aLabelAloneMakesNoInjectedPod() {
    assertThat(pod(INJECTED).live()).isTrue();
    assertThat(pod(INJECTED.replace("restartPolicy: Always", "image: x")).refusal())
        .isEqualTo("the pod is not injected");
    assertThat(pod(INJECTED.replace("writ.dev/inject: enabled", "a: b")).refusal())
        .isEqualTo("the pod is not injected");
    assertThat(pod(INJECTED.replace("writ.dev/injected: \"true\"", "a: b")).refusal())
        .isEqualTo("the pod is not injected");
    assertThat(
            pod(INJECTED.replace("uid: u,", "uid: u, deletionTimestamp: \"2026-01-01T00:00:00Z\","))
                .refusal())
        .isEqualTo("the pod is terminating");
    assertThat(pod(INJECTED + "status: {phase: Failed}\n").refusal()).isEqualTo("the pod is over");
    assertThat(pod(INJECTED).serviceAccount()).isEqualTo("default");
  }
}

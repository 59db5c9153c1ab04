package dev.writ.operator.inject;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.fabric8.kubeapitest.junit.EnableKubeAPIServer;
import io.fabric8.kubeapitest.junit.KubeConfig;
import io.fabric8.kubernetes.api.model.EphemeralContainer;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.NamespaceBuilder;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.api.model.ServiceAccountBuilder;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.io.ByteArrayInputStream;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.condition.EnabledIfEnvironmentVariable;

/**
 * The chart's admission policies on a real API server: pods as the webhook makes them are let in,
 * and each change that somebody after it could make is refused. No webhook runs here, so that it is
 * the policy that speaks. (injection.md, Webhook)
 */
@EnabledIfEnvironmentVariable(named = "KUBE_API_TEST_DIR", matches = ".+")
@EnableKubeAPIServer
class PoliciesIT {
  private static final Path POLICIES = Path.of("../charts/writ/templates/policy.yaml");
  private static final String IMAGE = "writ/sidecar:test";
  private static final PodMutator WEBHOOK =
      new PodMutator(
          InjectionSettings.of(
              IMAGE, URI.create("https://writ-operator.writ-system.svc:443"), "cluster.local"));
  private static final String APP =
      """
      apiVersion: v1
      kind: Pod
      metadata: {name: a, namespace: bank, labels: {app: ledger}, annotations: {writ.dev/capture: %s}}
      spec:
        serviceAccountName: default
        initContainers: [{name: migrate, image: m}]
        containers:
        - name: app
          image: a
          ports: [{name: http, containerPort: 8080}, {containerPort: 9000}, {containerPort: 53, protocol: UDP}]
          readinessProbe: {httpGet: {path: /ready, port: http}}
          securityContext: {capabilities: {add: [NET_BIND_SERVICE]}}
      """;

  @KubeConfig static String kubeConfig;
  private static KubernetesClient client;

  /** One thing that somebody does to a pod, and a piece of what they are told. */
  private record Attack(String what, String told, UnaryOperator<ObjectNode> change) {}

  @BeforeAll
  static void start() throws Exception {
    client = new KubernetesClientBuilder().withConfig(Config.fromKubeconfig(kubeConfig)).build();
    for (String name : List.of("writ-system", "bank", "free")) {
      var namespace = new NamespaceBuilder().withNewMetadata().withName(name).endMetadata();
      if (name.equals("bank")) {
        namespace.editMetadata().addToLabels("writ.dev/enforcement", "required").endMetadata();
      }
      client.resource(namespace.build()).create();
      client
          .resource(
              new ServiceAccountBuilder()
                  .withNewMetadata()
                  .withNamespace(name)
                  .withName("default")
                  .endMetadata()
                  .build())
          .create();
    }
    for (HasMetadata policy :
        client
            .load(new ByteArrayInputStream(rendered().getBytes(StandardCharsets.UTF_8)))
            .items()) {
      client.resource(policy).create();
    }
    // It takes some seconds until a policy is looked at, and until its expressions are compiled.
    await()
        .atMost(Duration.ofSeconds(60))
        .until(() -> created(json("spec: {containers: [{name: app, image: a}]}")).contains("Writ"));
  }

  @AfterAll
  static void stop() {
    if (client != null) {
      client.close();
    }
  }

  @Test
  void podsThatTheWebhookMadeAreLetIn() {
    assertThat(created(injected("redirect"))).isEmpty();
    assertThat(created(injected("loopback"))).isEmpty();
    assertThat(
            created(
                inject(
                    json(
                        "spec: {serviceAccountName: default, containers: [{name: app, image:"
                            + " a}]}"))))
        .isEmpty();
  }

  @Test
  void otherNamespacesAreLeftAlone() {
    // Given
    ObjectNode bare = json("spec: {hostNetwork: true, containers: [{name: app, image: a}]}");
    ((ObjectNode) bare.get("metadata")).put("namespace", "free");
    // Then
    assertThat(created(bare)).isEmpty();
  }

  @TestFactory
  Stream<DynamicTest> whatSomebodyDoesToAPodIsRefused() {
    return attacks()
        .map(
            attack ->
                DynamicTest.dynamicTest(
                    attack.what(),
                    () -> {
                      // When
                      String told = created(attack.change().apply(injected("redirect")));
                      // Then
                      assertThat(told).contains("requires Writ").contains(attack.told());
                    }));
  }

  private static Stream<Attack> attacks() {
    List<Attack> all = new ArrayList<>();
    all.add(new Attack("no sidecar at all", "no sidecar", _ -> yaml(APP.formatted("redirect"))));
    all.add(
        new Attack(
            "restartPolicy stripped",
            "no sidecar",
            pod -> {
              // With what the API server itself takes for no ordinary init container.
              ((ObjectNode) pod.at("/spec/initContainers/1"))
                  .remove(List.of("restartPolicy", "startupProbe", "readinessProbe", "lifecycle"));
              return pod;
            }));
    all.add(attack("image of the sidecar", "image", "replace", sidecar("/image"), "evil"));
    all.add(attack("image of the capture", "image", "replace", capture("/image"), "evil"));
    all.add(attack("a command", "command", "add", sidecar("/command"), "[sleep, '1']"));
    all.add(attack("arguments", "command", "add", sidecar("/args"), "[capture]"));
    all.add(
        attack("envFrom", "envFrom", "add", sidecar("/envFrom"), "[{configMapRef: {name: x}}]"));
    all.add(
        attack(
            "a variable", "variables", "add", sidecar("/env/-"), "{name: LD_PRELOAD, value: /x}"));
    all.add(
        attack(
            "a variable twice",
            "variables",
            "add",
            sidecar("/env/-"),
            "{name: WRIT_GATE, value: audit}"));
    all.add(variable("shadow mode that nobody asked for", "WRIT_GATE", "audit"));
    all.add(variable("another operator", "WRIT_OPERATOR", "https://evil.svc:443"));
    all.add(variable("an exposed app served", "WRIT_EXPOSED", "report"));
    all.add(variable("another capture", "WRIT_CAPTURE", "loopback"));
    all.add(variable("standalone", "WRIT_MODE", "standalone"));
    all.add(
        new Attack(
            "a port forgotten", "does not guard", pod -> setVariable(pod, "WRIT_PORTS", "8080")));
    all.add(
        attack(
            "a port added later",
            "does not guard",
            "add",
            "/spec/containers/0/ports/-",
            "{containerPort: 7777}"));
    all.add(
        attack(
            "a hook",
            "hooks",
            "add",
            sidecar("/lifecycle"),
            "{preStop: {exec: {command: [sleep, '9']}}}"));
    all.add(attack("no hook", "hooks", "remove", sidecar("/lifecycle"), ""));
    all.add(
        attack(
            "a second hook",
            "hooks",
            "add",
            sidecar("/lifecycle/postStart"),
            "{exec: {command: ['true']}}"));
    all.add(
        attack(
            "a port of the sidecar",
            "ports",
            "add",
            sidecar("/ports"),
            "[{containerPort: 15100}]"));
    all.add(
        attack(
            "a mount of the sidecar",
            "mounts",
            "add",
            sidecar("/volumeMounts/-"),
            "{name: writ-tmp, mountPath: /opt}"));
    all.add(
        attack("another place", "mounts", "replace", sidecar("/volumeMounts/0/mountPath"), "/opt"));
    all.add(
        attack(
            "a root sidecar",
            "security context",
            "replace",
            sidecar("/securityContext/runAsNonRoot"),
            "false"));
    all.add(
        attack(
            "a capability of the sidecar",
            "security context",
            "add",
            sidecar("/securityContext/capabilities/add"),
            "[NET_ADMIN]"));
    all.add(
        attack(
            "a writable sidecar",
            "security context",
            "remove",
            sidecar("/securityContext/readOnlyRootFilesystem"),
            ""));
    all.add(attack("another capture program", "writ-capture", "replace", capture("/args"), "[]"));
    all.add(
        attack(
            "fewer captured ports", "writ-capture", "replace", capture("/env/0/value"), "'8080'"));
    all.add(
        attack(
            "more than NET_ADMIN",
            "writ-capture",
            "add",
            capture("/securityContext/capabilities/add/-"),
            "SYS_ADMIN"));
    all.add(
        attack(
            "something before the capture",
            "run before",
            "add",
            "/spec/initContainers/0",
            "{name: first, image: f}"));
    all.add(attack("no capture", "run before", "remove", "/spec/initContainers/0", ""));
    for (String field : List.of("hostNetwork", "hostPID", "hostIPC", "shareProcessNamespace")) {
      all.add(attack(field, field, "add", "/spec/" + field, "true"));
    }
    String app = "/spec/containers/0";
    all.add(
        attack(
            "NET_ADMIN of the app",
            "capability",
            "replace",
            app + "/securityContext/capabilities/add",
            "[NET_ADMIN]"));
    all.add(
        attack(
            "ALL of the app",
            "capability",
            "replace",
            app + "/securityContext/capabilities/add",
            "[ALL]"));
    all.add(
        attack(
            "NET_RAW of an init container",
            "capability",
            "add",
            "/spec/initContainers/2/securityContext",
            "{capabilities: {add: [NET_RAW]}}"));
    all.add(
        attack(
            "privileged", "privileged", "replace", app + "/securityContext", "{privileged: true}"));
    all.add(
        attack(
            "sysctl",
            "sysctls",
            "add",
            "/spec/securityContext",
            "{sysctls: [{name: net.ipv4.conf.all.route_localnet, value: '1'}]}"));
    all.add(
        attack(
            "the token in the app",
            "mounts a volume",
            "add",
            app + "/volumeMounts",
            "[{name: writ-token, mountPath: /t}]"));
    all.add(
        attack(
            "the state in an init container",
            "mounts a volume",
            "add",
            "/spec/initContainers/2/volumeMounts",
            "[{name: writ-state, mountPath: /t}]"));
    all.add(
        attack(
            "a token of its own",
            "audience",
            "add",
            "/spec/volumes/-",
            "{name: t, projected: {sources: [{serviceAccountToken: {audience: writ.dev, path:"
                + " t}}]}}"));
    all.add(
        attack(
            "another trust",
            "volumes writ-*",
            "replace",
            "/spec/volumes/2",
            "{name: writ-trust, configMap: {name: mine}}"));
    all.add(
        attack(
            "the state on the node",
            "volumes writ-*",
            "replace",
            "/spec/volumes/0",
            "{name: writ-state, hostPath: {path: /}}"));
    all.add(
        attack(
            "the sidecar's user",
            "runs as the user",
            "add",
            app + "/securityContext/runAsUser",
            "15001"));
    all.add(
        attack(
            "the sidecar's user for the pod",
            "runs as the user",
            "add",
            "/spec/securityContext",
            "{runAsUser: 15001}"));
    all.add(
        attack(
            "an unknown annotation",
            "unknown",
            "add",
            "/metadata/annotations/writ.dev~1skip",
            "'true'"));
    all.add(
        attack("an unknown label", "unknown", "add", "/metadata/labels/writ.dev~1skip", "'true'"));
    all.add(
        attack("the label gone", "missing", "remove", "/metadata/labels/writ.dev~1injected", ""));
    return all.stream();
  }

  @Test
  void aPodThatRunsCanBeChangedAsFarAsItIsNotOurs() {
    // Given
    Pod pod = existing("runs");
    // Then
    assertThat(updated(pod, change -> change.editMetadata().addToLabels("team", "x").endMetadata()))
        .isEmpty();
    assertThat(
            updated(
                pod, change -> change.editMetadata().addToFinalizers("x.example/y").endMetadata()))
        .isEmpty();
    assertThat(
            updated(
                pod,
                change -> change.editMetadata().removeFromFinalizers("x.example/y").endMetadata()))
        .isEmpty();
    assertThat(
            updated(
                pod,
                change ->
                    change.editSpec().editContainer(0).withImage("a:2").endContainer().endSpec()))
        .isEmpty();
    // And not as far as it is
    assertThat(
            updated(
                pod,
                change ->
                    change
                        .editSpec()
                        .editInitContainer(1)
                        .withImage("evil")
                        .endInitContainer()
                        .endSpec()))
        .contains("image of writ-sidecar");
    assertThat(
            updated(
                pod,
                change ->
                    change
                        .editSpec()
                        .editInitContainer(0)
                        .withImage("evil")
                        .endInitContainer()
                        .endSpec()))
        .contains("image of writ-sidecar");
    assertThat(
            updated(
                pod,
                change ->
                    change.editMetadata().removeFromLabels("writ.dev/injected").endMetadata()))
        .contains("cannot change");
    assertThat(
            updated(
                pod,
                change ->
                    change.editMetadata().addToAnnotations("writ.dev/mode", "audit").endMetadata()))
        .contains("cannot change");
  }

  @Test
  void aResizeChangesResourcesAndNothingThatIsOurs() {
    // Given
    ObjectNode injected = injected("redirect");
    ((ObjectNode) injected.get("metadata")).put("name", "resized");
    ((ObjectNode) injected.at("/spec/containers/0"))
        .putObject("resources")
        .putObject("requests")
        .put("cpu", "100m");
    Pod pod = client.resource(Serialization.unmarshal(injected.toString(), Pod.class)).create();
    var resource = client.pods().inNamespace("bank").withName("resized");
    // When: what a resize is for, and beside it what it is not for
    Pod after =
        resource
            .subresource("resize")
            .edit(
                current ->
                    new PodBuilder(current)
                        .editMetadata()
                        .removeFromLabels("writ.dev/injected")
                        .addToAnnotations("writ.dev/mode", "audit")
                        .endMetadata()
                        .editSpec()
                        .editInitContainer(1)
                        .withImage("evil")
                        .endInitContainer()
                        .editContainer(0)
                        .editResources()
                        .addToRequests("cpu", new Quantity("200m"))
                        .endResources()
                        .endContainer()
                        .endSpec()
                        .build());
    // Then
    assertThat(after.getSpec().getContainers().getFirst().getResources().getRequests())
        .containsEntry("cpu", new Quantity("200m"));
    assertThat(after.getSpec().getInitContainers()).isEqualTo(pod.getSpec().getInitContainers());
    assertThat(after.getMetadata().getLabels()).isEqualTo(pod.getMetadata().getLabels());
    assertThat(after.getMetadata().getAnnotations()).isEqualTo(pod.getMetadata().getAnnotations());
  }

  @Test
  void aPodThatRunsCanBeRevokedAndNotForgiven() {
    // Given
    Pod pod = existing("revoked");
    // Then
    assertThat(
            updated(
                pod,
                change ->
                    change
                        .editMetadata()
                        .addToAnnotations("writ.dev/revoke", "perhaps")
                        .endMetadata()))
        .contains("cannot change");
    assertThat(
            updated(
                pod,
                change ->
                    change
                        .editMetadata()
                        .addToAnnotations("writ.dev/revoke", "true")
                        .endMetadata()))
        .isEmpty();
    assertThat(
            updated(
                pod,
                change ->
                    change.editMetadata().removeFromAnnotations("writ.dev/revoke").endMetadata()))
        .contains("cannot change");
  }

  @Test
  void aDebuggerMayLookAtTheAppAndNotAtTheSidecar() {
    // Given
    existing("debugged");
    // Then
    assertThat(debug("{name: d1, image: d, targetContainerName: writ-sidecar}"))
        .contains("ephemeral");
    assertThat(debug("{name: d2, image: d, volumeMounts: [{name: writ-token, mountPath: /t}]}"))
        .contains("ephemeral");
    assertThat(debug("{name: d3, image: d, securityContext: {capabilities: {add: [NET_ADMIN]}}}"))
        .contains("ephemeral");
    assertThat(debug("{name: d4, image: d, securityContext: {privileged: true}}"))
        .contains("ephemeral");
    assertThat(debug("{name: d5, image: d, targetContainerName: app}")).isEmpty();
  }

  @Test
  void aBarePodFromBeforeTheNamespaceRequiredItCanStillBeFinished() {
    // Given
    Pod bare =
        client
            .resource(
                new PodBuilder()
                    .withNewMetadata()
                    .withNamespace("free")
                    .withName("old")
                    .endMetadata()
                    .withNewSpec()
                    .addNewContainer()
                    .withName("app")
                    .withImage("a")
                    .endContainer()
                    .endSpec()
                    .build())
            .create();
    client
        .namespaces()
        .withName("free")
        .edit(
            namespace ->
                new NamespaceBuilder(namespace)
                    .editMetadata()
                    .addToLabels("writ.dev/enforcement", "required")
                    .endMetadata()
                    .build());
    ObjectNode another = json("spec: {containers: [{name: app, image: a}]}");
    ((ObjectNode) another.get("metadata")).put("namespace", "free");
    await().atMost(Duration.ofSeconds(30)).until(() -> created(another).contains("Writ"));
    // Then
    assertThat(
            updated(
                bare, change -> change.editMetadata().addToFinalizers("x.example/y").endMetadata()))
        .isEmpty();
    assertThat(
            updated(
                bare,
                change ->
                    change.editMetadata().addToLabels("writ.dev/injected", "true").endMetadata()))
        .contains("cannot change");
    // And the namespace goes back to what the other tests expect
    client
        .namespaces()
        .withName("free")
        .edit(
            namespace ->
                new NamespaceBuilder(namespace)
                    .editMetadata()
                    .removeFromLabels("writ.dev/enforcement")
                    .endMetadata()
                    .build());
    await().atMost(Duration.ofSeconds(30)).until(() -> created(another).isEmpty());
  }

  private static Attack attack(String what, String told, String op, String path, String value) {
    return new Attack(
        what,
        told,
        pod -> {
          ArrayNode patch = JsonNodeFactory.instance.arrayNode();
          ObjectNode operation = patch.addObject().put("op", op).put("path", path);
          if (!op.equals("remove")) {
            operation.set(
                "value", Serialization.unmarshal("v: " + value, ObjectNode.class).get("v"));
          }
          return Patched.of(pod, patch);
        });
  }

  private static Attack variable(String what, String name, String value) {
    return new Attack(what, "variables", pod -> setVariable(pod, name, value));
  }

  private static ObjectNode setVariable(ObjectNode pod, String name, String value) {
    for (JsonNode variable : pod.at("/spec/initContainers/1/env")) {
      if (variable.get("name").asText().equals(name)) {
        ((ObjectNode) variable).put("value", value);
      }
    }
    return pod;
  }

  private static String capture(String path) {
    return "/spec/initContainers/0" + path;
  }

  private static String sidecar(String path) {
    return "/spec/initContainers/1" + path;
  }

  private static Pod existing(String name) {
    ObjectNode pod = injected("redirect");
    ((ObjectNode) pod.get("metadata")).put("name", name);
    return client.resource(Serialization.unmarshal(pod.toString(), Pod.class)).create();
  }

  private static String updated(Pod pod, UnaryOperator<PodBuilder> change) {
    try {
      var resource =
          client
              .pods()
              .inNamespace(pod.getMetadata().getNamespace())
              .withName(pod.getMetadata().getName());
      resource.edit(current -> change.apply(new PodBuilder(current)).build());
      return "";
    } catch (KubernetesClientException e) {
      return String.valueOf(e.getMessage());
    }
  }

  private static String debug(String container) {
    try {
      client
          .pods()
          .inNamespace("bank")
          .withName("debugged")
          .ephemeralContainers()
          .edit(
              current ->
                  new PodBuilder(current)
                      .editSpec()
                      .addToEphemeralContainers(
                          Serialization.unmarshal("---\n" + container, EphemeralContainer.class))
                      .endSpec()
                      .build());
      return "";
    } catch (KubernetesClientException e) {
      // The client keeps the server's words in the cause.
      return e.getMessage() + " " + e.getCause();
    }
  }

  /** What the author is told; empty if the pod would be created. */
  private static String created(ObjectNode pod) {
    try {
      client.resource(Serialization.unmarshal(pod.toString(), Pod.class)).dryRun().create();
      return "";
    } catch (KubernetesClientException e) {
      return String.valueOf(e.getMessage());
    }
  }

  private static ObjectNode injected(String capture) {
    return inject(yaml(APP.formatted(capture)));
  }

  private static ObjectNode inject(ObjectNode pod) {
    if (WEBHOOK.decide(pod, true) instanceof InjectionDecision.Inject inject) {
      return Patched.of(pod, inject.patch());
    }
    throw new AssertionError("not injected: " + WEBHOOK.decide(pod, true));
  }

  private static ObjectNode json(String spec) {
    return yaml("apiVersion: v1\nkind: Pod\nmetadata: {name: a, namespace: bank}\n" + spec);
  }

  private static ObjectNode yaml(String text) {
    return Serialization.unmarshal(text, ObjectNode.class);
  }

  /** What Helm makes of the template: it has no more than these. */
  private static String rendered() throws Exception {
    String text = Files.readString(POLICIES);
    text = text.substring(text.indexOf("apiVersion:"));
    int range = text.indexOf("{{- range list");
    String binding = text.substring(text.indexOf("---", range), text.indexOf("{{- end }}", range));
    text =
        text.substring(0, range)
            + binding.replace("{{ . }}", "writ-created-pods")
            + binding.replace("{{ . }}", "writ-changed-pods");
    String done =
        text.replaceAll("  labels: \\{\\{- include \"writ.labels\" [.$] \\| nindent 4 }}\n", "")
            .replace("{{ include \"writ.image\" (dict \"root\" . \"name\" \"sidecar\") }}", IMAGE)
            .replace("{{ .Release.Namespace }}", "writ-system")
            .replace("{{ toJson $except }}", "[kube-system, writ-system]");
    assertThat(done).doesNotContain("{{");
    return done;
  }
}

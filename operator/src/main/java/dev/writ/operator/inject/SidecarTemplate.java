package dev.writ.operator.inject;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.writ.contract.Names;
import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * The sidecar and its volumes as they must stand in a pod. Every field that the API server would
 * default is written out: on a second pass the pod comes back defaulted and still has to compare
 * equal. (injection.md, What is injected)
 */
final class SidecarTemplate {
  private static final JsonNodeFactory JSON = JsonNodeFactory.instance;
  private static final String STATE_DIR = "/var/lib/writ";
  private static final String TOKEN_DIR = "/var/run/secrets/writ.dev";
  private static final String TRUST_DIR = "/etc/writ/trust";
  private static final String API_TOKEN_DIR = "/var/run/secrets/kubernetes.io/serviceaccount";
  private static final int TOKEN_SECONDS = 3600;

  /** Readable by whatever UID the sidecar gets; only the sidecar mounts it. */
  private static final int READ_ALL = 0444;

  private final InjectionSettings settings;

  SidecarTemplate(InjectionSettings settings) {
    this.settings = settings;
  }

  /**
   * The container for a pod whose guarded ports and mode these are.
   *
   * @param deputy value of the annotation, null when the pod has none
   */
  ObjectNode container(List<Integer> ports, String mode, @Nullable String deputy) {
    ObjectNode container = JSON.objectNode();
    container.put("name", Names.SIDECAR_CONTAINER);
    container.put("image", settings.image());
    container.put("imagePullPolicy", "IfNotPresent");
    container.put("restartPolicy", "Always");
    container.set("env", environment(ports, mode, deputy));
    container.set("resources", resources());
    container.set("securityContext", securityContext());
    container.set("startupProbe", probe(Names.HEALTH_PATH, 1, 60));
    container.set("readinessProbe", probe(Names.READY_PATH, 2, 2));
    container.put("terminationMessagePath", "/dev/termination-log");
    container.put("terminationMessagePolicy", "File");
    ArrayNode mounts = container.putArray("volumeMounts");
    mount(mounts, Names.STATE_VOLUME, STATE_DIR, false);
    mount(mounts, Names.TOKEN_VOLUME, TOKEN_DIR, true);
    mount(mounts, Names.TRUST_VOLUME, TRUST_DIR, true);
    mount(mounts, Reserved.TMP_VOLUME, "/tmp", false);
    mount(mounts, Reserved.NO_API_TOKEN_VOLUME, API_TOKEN_DIR, true);
    return container;
  }

  /** The volumes, in the order in which they are added. */
  List<ObjectNode> volumes() {
    ObjectNode state = named(Names.STATE_VOLUME);
    state.putObject("emptyDir").put("sizeLimit", "512Mi");
    ObjectNode token = named(Names.TOKEN_VOLUME);
    ObjectNode projected = token.putObject("projected").put("defaultMode", READ_ALL);
    projected
        .putArray("sources")
        .addObject()
        .putObject("serviceAccountToken")
        .put("audience", Names.TOKEN_AUDIENCE)
        .put("expirationSeconds", TOKEN_SECONDS)
        .put("path", "token");
    ObjectNode trust = named(Names.TRUST_VOLUME);
    trust.putObject("configMap").put("name", Names.TRUST_VOLUME).put("defaultMode", READ_ALL);
    ObjectNode tmp = named(Reserved.TMP_VOLUME);
    tmp.putObject("emptyDir").put("sizeLimit", "128Mi");
    ObjectNode none = named(Reserved.NO_API_TOKEN_VOLUME);
    none.putObject("emptyDir").put("sizeLimit", "1Mi");
    return List.of(state, token, trust, tmp, none);
  }

  private ArrayNode environment(List<Integer> ports, String mode, @Nullable String deputy) {
    ArrayNode env = JSON.arrayNode();
    variable(env, "WRIT_MODE", "cluster");
    variable(env, "WRIT_OPERATOR", settings.operator().toString());
    variable(env, "WRIT_TOKEN_FILE", TOKEN_DIR + "/token");
    variable(env, "WRIT_CA_FILE", TRUST_DIR + "/" + Names.TRUST_CA_KEY);
    variable(env, "WRIT_TRUST_DOMAIN", settings.trustDomain());
    variable(env, "WRIT_STATE_DIR", STATE_DIR);
    variable(env, "WRIT_OUTBOUND", "127.0.0.1:" + Names.HELPER_PORT);
    variable(env, "WRIT_ADMIN", "[::]:" + Names.ADMIN_PORT);
    variable(env, "WRIT_GATE", mode);
    if (deputy != null) {
      variable(env, "WRIT_DEPUTY", deputy);
    }
    if (!ports.isEmpty()) {
      variable(
          env,
          "WRIT_LISTEN",
          ports.stream().map(port -> "[::]:" + port).collect(Collectors.joining(",")));
      variable(
          env,
          "WRIT_UPSTREAM",
          ports.stream().map(port -> "127.0.0.1:" + port).collect(Collectors.joining(",")));
      variable(
          env, "WRIT_PORTS", ports.stream().map(String::valueOf).collect(Collectors.joining(",")));
    }
    field(env, "WRIT_POD_NAMESPACE", "metadata.namespace");
    field(env, "WRIT_POD_NAME", "metadata.name");
    field(env, "WRIT_POD_UID", "metadata.uid");
    return env;
  }

  private static void variable(ArrayNode env, String name, String value) {
    env.addObject().put("name", name).put("value", value);
  }

  private static void field(ArrayNode env, String name, String path) {
    ObjectNode ref = env.addObject().put("name", name).putObject("valueFrom").putObject("fieldRef");
    ref.put("apiVersion", "v1").put("fieldPath", path);
  }

  /** All four are set, so that quotas and limit ranges that demand them admit the pod. (R11) */
  private static ObjectNode resources() {
    ObjectNode resources = JSON.objectNode();
    resources
        .putObject("limits")
        .put("cpu", "2")
        .put("ephemeral-storage", "1Gi")
        .put("memory", "384Mi");
    resources
        .putObject("requests")
        .put("cpu", "50m")
        .put("ephemeral-storage", "128Mi")
        .put("memory", "160Mi");
    return resources;
  }

  private static ObjectNode securityContext() {
    ObjectNode context = JSON.objectNode();
    context.put("allowPrivilegeEscalation", false);
    context.putObject("capabilities").putArray("drop").add("ALL");
    context.put("privileged", false);
    context.put("readOnlyRootFilesystem", true);
    context.put("runAsNonRoot", true);
    context.putObject("seccompProfile").put("type", "RuntimeDefault");
    return context;
  }

  /**
   * Asks the sidecar alone, never the app: an app that waits for its sidecar must not be waited
   * for. (R19)
   */
  private static ObjectNode probe(String path, int periodSeconds, int failures) {
    ObjectNode probe = JSON.objectNode();
    probe.put("failureThreshold", failures);
    probe
        .putObject("httpGet")
        .put("path", path)
        .put("port", Names.ADMIN_PORT)
        .put("scheme", "HTTP");
    probe.put("periodSeconds", periodSeconds);
    probe.put("successThreshold", 1);
    probe.put("timeoutSeconds", 2);
    return probe;
  }

  private static void mount(ArrayNode mounts, String volume, String path, boolean readOnly) {
    ObjectNode mount = mounts.addObject().put("name", volume).put("mountPath", path);
    if (readOnly) {
      mount.put("readOnly", true);
    }
  }

  private static ObjectNode named(String name) {
    return JSON.objectNode().put("name", name);
  }
}

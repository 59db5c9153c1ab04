package dev.writ.operator.inject;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.writ.contract.Names;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

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
   * Our init containers, in their order: the sidecar, and before it what captures where the mode
   * needs that.
   */
  List<ObjectNode> containers(Injection injection) {
    return switch (injection.capture()) {
      case REDIRECT -> List.of(capture(injection), sidecar(injection));
      case LOOPBACK -> List.of(sidecar(injection));
    };
  }

  private ObjectNode sidecar(Injection injection) {
    ObjectNode container = JSON.objectNode();
    container.put("name", Names.SIDECAR_CONTAINER);
    container.put("image", settings.image());
    container.put("imagePullPolicy", "IfNotPresent");
    container.put("restartPolicy", "Always");
    container.set("env", environment(injection));
    container.set("resources", injection.resources().json());
    container.set("securityContext", securityContext());
    container.set("startupProbe", probe(Names.HEALTH_PATH, startupPort(injection), 1, 60));
    container.set("readinessProbe", probe(Names.READY_PATH, Names.ADMIN_PORT, 2, 2));
    container.set("lifecycle", leaving());
    messages(container);
    ArrayNode mounts = container.putArray("volumeMounts");
    mount(mounts, Names.STATE_VOLUME, STATE_DIR, false);
    mount(mounts, Names.TOKEN_VOLUME, TOKEN_DIR, true);
    mount(mounts, Names.TRUST_VOLUME, TRUST_DIR, true);
    mount(mounts, Reserved.TMP_VOLUME, "/tmp", false);
    mount(mounts, Reserved.NO_API_TOKEN_VOLUME, API_TOKEN_DIR, true);
    return container;
  }

  /**
   * Runs when the pod begins to end, together with the hooks of the app, and stops nothing: the
   * sidecar learns that callers should move on while the app still serves. (R16)
   */
  private static ObjectNode leaving() {
    ObjectNode lifecycle = JSON.objectNode();
    lifecycle
        .putObject("preStop")
        .putObject("exec")
        .putArray("command")
        .add("touch")
        .add(STATE_DIR + "/" + Names.LEAVING_FILE);
    return lifecycle;
  }

  /**
   * Writes the rules, proves them and ends. Root, because a capability is of no use to another user
   * as long as none is ambient; everything else is taken from it.
   */
  private ObjectNode capture(Injection injection) {
    ObjectNode container = JSON.objectNode();
    container.put("name", Names.CAPTURE_CONTAINER);
    container.put("image", settings.image());
    container.put("imagePullPolicy", "IfNotPresent");
    container.putArray("args").add("capture");
    if (!injection.ports().isEmpty()) {
      ArrayNode env = container.putArray("env");
      variable(env, Injection.PORTS, joined(injection.ports(), ""));
    }
    container.set("resources", injection.resources().json());
    ObjectNode context = container.putObject("securityContext");
    context.put("allowPrivilegeEscalation", false);
    ObjectNode capabilities = context.putObject("capabilities");
    capabilities.putArray("add").add("NET_ADMIN");
    capabilities.putArray("drop").add("ALL");
    context.put("privileged", false);
    context.put("readOnlyRootFilesystem", true);
    context.put("runAsGroup", 0).put("runAsNonRoot", false).put("runAsUser", 0);
    context.putObject("seccompProfile").put("type", "RuntimeDefault");
    messages(container);
    mount(container.putArray("volumeMounts"), Reserved.NO_API_TOKEN_VOLUME, API_TOKEN_DIR, true);
    return container;
  }

  /** What a container that failed last said stands in the pod's status. */
  private static void messages(ObjectNode container) {
    container.put("terminationMessagePath", "/dev/termination-log");
    container.put("terminationMessagePolicy", "FallbackToLogsOnError");
  }

  /**
   * Where capture redirects, the first probe comes by a port that nobody has: it is answered, and
   * the app started, only if what comes from outside is redirected in this very pod. (R20, R23)
   */
  private static int startupPort(Injection injection) {
    return switch (injection.capture()) {
      case REDIRECT -> Names.PROVING_PORT;
      case LOOPBACK -> Names.ADMIN_PORT;
    };
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

  private ArrayNode environment(Injection injection) {
    ArrayNode env = JSON.arrayNode();
    variable(env, "WRIT_MODE", "cluster");
    variable(env, "WRIT_OPERATOR", settings.operator().toString());
    variable(env, "WRIT_TOKEN_FILE", TOKEN_DIR + "/token");
    variable(env, "WRIT_CA_FILE", TRUST_DIR + "/" + Names.TRUST_CA_KEY);
    variable(env, "WRIT_TRUST_DOMAIN", settings.trustDomain());
    variable(env, "WRIT_STATE_DIR", STATE_DIR);
    variable(env, "WRIT_OUTBOUND", "127.0.0.1:" + Names.HELPER_PORT);
    variable(env, "WRIT_ADMIN", "[::]:" + Names.ADMIN_PORT);
    variable(env, "WRIT_GATE", injection.gate());
    String deputy = injection.deputy();
    if (deputy != null) {
      variable(env, "WRIT_DEPUTY", deputy);
    }
    injection.answers().variables().forEach((name, value) -> variable(env, name, value));
    variable(env, "WRIT_CAPTURE", injection.capture().value());
    variable(env, "WRIT_EXPOSED", injection.required() ? "refuse" : "report");
    List<Integer> ports = injection.ports();
    if (!ports.isEmpty()) {
      variable(env, "WRIT_LISTEN", joined(listeners(injection), "[::]:"));
      variable(env, "WRIT_UPSTREAM", joined(ports, "127.0.0.1:"));
      variable(env, Injection.PORTS, joined(ports, ""));
    }
    if (!injection.probes().entries().isEmpty()) {
      variable(env, "WRIT_PROBE_LISTEN", "[::]:" + Names.PROBE_PORT);
      variable(env, Injection.PROBES, injection.probes().text());
    }
    field(env, "WRIT_POD_NAMESPACE", "metadata.namespace");
    field(env, "WRIT_POD_NAME", "metadata.name");
    field(env, "WRIT_POD_UID", "metadata.uid");
    return env;
  }

  private static List<Integer> listeners(Injection injection) {
    return switch (injection.capture()) {
      case REDIRECT ->
          IntStream.range(0, injection.ports().size())
              .mapToObj(n -> Names.CAPTURED_PORT + n)
              .toList();
      case LOOPBACK -> injection.ports();
    };
  }

  private static String joined(List<Integer> ports, String prefix) {
    return ports.stream().map(port -> prefix + port).collect(Collectors.joining(","));
  }

  private static void variable(ArrayNode env, String name, String value) {
    env.addObject().put("name", name).put("value", value);
  }

  private static void field(ArrayNode env, String name, String path) {
    ObjectNode ref = env.addObject().put("name", name).putObject("valueFrom").putObject("fieldRef");
    ref.put("apiVersion", "v1").put("fieldPath", path);
  }

  private ObjectNode securityContext() {
    ObjectNode context = JSON.objectNode();
    context.put("allowPrivilegeEscalation", false);
    context.putObject("capabilities").putArray("drop").add("ALL");
    context.put("privileged", false);
    context.put("readOnlyRootFilesystem", true);
    settings.uid().ifPresent(uid -> context.put("runAsGroup", (int) uid));
    context.put("runAsNonRoot", true);
    settings.uid().ifPresent(uid -> context.put("runAsUser", (int) uid));
    context.putObject("seccompProfile").put("type", "RuntimeDefault");
    return context;
  }

  /**
   * Asks the sidecar alone, never the app: an app that waits for its sidecar must not be waited
   * for. (R19)
   */
  private static ObjectNode probe(String path, int port, int periodSeconds, int failures) {
    ObjectNode probe = JSON.objectNode();
    probe.put("failureThreshold", failures);
    probe.putObject("httpGet").put("path", path).put("port", port).put("scheme", "HTTP");
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

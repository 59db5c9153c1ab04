package dev.writ.operator.inject;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.writ.contract.Names;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * Recompute and compare: the sidecar that this pod must have is computed from the rest of the pod.
 * There: nothing to do. Absent: added. Different: refused, because "looks injected" is what an
 * attacker would make it look like. (injection.md)
 */
public final class PodMutator {
  /** Label on every injected pod; the operator watches pods by it. */
  public static final String INJECTED_LABEL = "writ.dev/injected";

  /** Value of {@link #INJECTED_LABEL}. */
  public static final String INJECTED = "true";

  private final SidecarTemplate template;

  /** The settings are part of what is compared: a pod admitted under others is different. */
  public PodMutator(InjectionSettings settings) {
    template = new SidecarTemplate(settings);
  }

  /**
   * Decides about a pod to be created.
   *
   * @param json the pod; its own namespace is not looked at
   * @param namespaceRequires whether every pod of the request's namespace has to be injected
   */
  InjectionDecision decide(ObjectNode json, boolean namespaceRequires) {
    Pod pod = new Pod(json);
    if (pod.annotation(Names.INJECT) == null && !namespaceRequires) {
      return new InjectionDecision.Skip(
          "writ: not injected, the pod has no annotation "
              + Names.INJECT
              + ": "
              + Names.INJECT_ENABLED);
    }
    try {
      AdmissionRules rules = new AdmissionRules(pod);
      List<Integer> ports = rules.check();
      Patch patch = new Patch();
      sidecar(pod, ports, patch);
      environment(pod, patch);
      return patch.operations.isEmpty()
          ? new InjectionDecision.Unchanged()
          : new InjectionDecision.Inject(patch.operations, rules.warnings());
    } catch (Refusal refusal) {
      return new InjectionDecision.Refuse(String.valueOf(refusal.getMessage()));
    }
  }

  private void sidecar(Pod pod, List<Integer> ports, Patch patch) throws Refusal {
    ObjectNode container =
        template.container(
            ports,
            Objects.requireNonNullElse(pod.annotation(Names.MODE), Names.MODE_ENFORCE),
            pod.annotation(Names.DEPUTY));
    List<ObjectNode> volumes = template.volumes();
    if (!present(pod)) {
      patch.member(pod.json(), "metadata", "annotations", Names.INJECT, Names.INJECT_ENABLED);
      patch.member(pod.json(), "metadata", "labels", INJECTED_LABEL, INJECTED);
      patch.first(pod.spec().path("initContainers"), "/spec/initContainers", container);
      patch.append(pod.spec().path("volumes"), "/spec/volumes", volumes);
      return;
    }
    List<JsonNode> inits = pod.initContainers();
    if (inits.isEmpty() || !Pod.name(inits.getFirst()).equals(Names.SIDECAR_CONTAINER)) {
      throw new Refusal(
          "the pod has parts of the sidecar, but "
              + Names.SIDECAR_CONTAINER
              + " is not its first init container; remove those parts, the webhook adds them");
    }
    compare("container " + Names.SIDECAR_CONTAINER, inits.getFirst(), container);
    for (ObjectNode volume : volumes) {
      compare("volume " + Pod.name(volume), Pod.named(pod.volumes(), Pod.name(volume)), volume);
    }
    if (!INJECTED.equals(pod.label(INJECTED_LABEL)) || pod.annotation(Names.INJECT) == null) {
      throw new Refusal(
          "the pod has a sidecar but lost its label or annotation; remove the sidecar, the webhook"
              + " adds all of it");
    }
  }

  private static boolean present(Pod pod) {
    return pod.label(INJECTED_LABEL) != null
        || pod.initContainers().stream()
            .anyMatch(container -> Reserved.CONTAINERS.contains(Pod.name(container)))
        || pod.volumes().stream().anyMatch(volume -> Reserved.VOLUMES.contains(Pod.name(volume)));
  }

  private static void compare(String what, JsonNode actual, JsonNode expected) throws Refusal {
    if (!actual.equals(expected)) {
      throw new Refusal(
          what
              + " is not the one that would be injected"
              + difference(actual, expected)
              + "; remove it, the webhook adds it");
    }
  }

  private static String difference(JsonNode actual, JsonNode expected) {
    for (Map.Entry<String, JsonNode> member : expected.properties()) {
      if (!member.getValue().equals(actual.path(member.getKey()))) {
        return " (" + member.getKey() + " differs)";
      }
    }
    for (Map.Entry<String, JsonNode> member : actual.properties()) {
      if (!expected.has(member.getKey())) {
        return " (" + member.getKey() + " is extra)";
      }
    }
    return "";
  }

  private static void environment(Pod pod, Patch patch) throws Refusal {
    boolean manual = pod.annotation(Names.OUTBOUND) != null;
    String bind = pod.annotation(Names.APP_BIND_ENV);
    List<JsonNode> containers = pod.containers();
    for (int i = 0; i < containers.size(); i++) {
      JsonNode container = containers.get(i);
      Map<String, String> missing = new LinkedHashMap<>();
      if (bind != null && bindVariable(container, bind)) {
        missing.put(bind, "127.0.0.1");
      }
      if (!manual) {
        missing.putAll(ProxyVariables.missing(container));
      }
      List<ObjectNode> variables = new ArrayList<>();
      missing.forEach(
          (name, value) ->
              variables.add(
                  JsonNodeFactory.instance.objectNode().put("name", name).put("value", value)));
      patch.append(container.path("env"), "/spec/containers/" + i + "/env", variables);
    }
  }

  /** Whether the variable is still to be set. */
  private static boolean bindVariable(JsonNode container, String name) throws Refusal {
    JsonNode own = Pod.named(Pod.items(container.path("env")), name);
    if (own.isMissingNode()) {
      return true;
    }
    if (!"127.0.0.1".equals(Pod.text(own.path("value")))) {
      throw new Refusal(
          "container "
              + Pod.name(container)
              + " sets "
              + name
              + ", which annotation "
              + Names.APP_BIND_ENV
              + " sets to 127.0.0.1; remove one of them");
    }
    return false;
  }

  /**
   * RFC 6902 operations on our own paths: a list that is missing is added whole, else one entry at
   * a time.
   */
  private static final class Patch {
    private final ArrayNode operations = JsonNodeFactory.instance.arrayNode();

    void member(ObjectNode pod, String parent, String map, String key, String value) {
      JsonNode members = pod.path(parent).path(map);
      if (members.has(key)) {
        return;
      }
      if (members.isObject()) {
        add("/" + parent + "/" + map + "/" + key.replace("~", "~0").replace("/", "~1"))
            .put("value", value);
      } else {
        add("/" + parent + "/" + map).putObject("value").put(key, value);
      }
    }

    void first(JsonNode list, String path, ObjectNode entry) {
      if (list.isArray()) {
        add(path + "/0").set("value", entry);
      } else {
        add(path).putArray("value").add(entry);
      }
    }

    void append(JsonNode list, String path, List<ObjectNode> entries) {
      if (entries.isEmpty()) {
        return;
      }
      if (list.isArray()) {
        entries.forEach(entry -> add(path + "/-").set("value", entry));
      } else {
        add(path).putArray("value").addAll(entries);
      }
    }

    private ObjectNode add(String path) {
      return operations.addObject().put("op", "add").put("path", path);
    }
  }
}

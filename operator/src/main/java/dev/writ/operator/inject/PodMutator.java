package dev.writ.operator.inject;

import com.fasterxml.jackson.databind.JsonNode;
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

  private final InjectionSettings settings;
  private final SidecarTemplate template;

  /** The settings are part of what is compared: a pod admitted under others is different. */
  public PodMutator(InjectionSettings settings) {
    this.settings = settings;
    this.template = new SidecarTemplate(settings);
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
      AdmissionRules rules = new AdmissionRules(pod, settings);
      CaptureMode capture = rules.capture();
      List<Integer> ports = rules.check(capture);
      List<JsonNode> sidecar =
          pod.initContainers().stream()
              .filter(container -> Pod.name(container).equals(Names.SIDECAR_CONTAINER))
              .toList();
      ProbeRewrite probes =
          ProbeRewrite.of(
              pod,
              sidecar.size() == 1
                  ? ProbeTable.parse(Injection.variable(sidecar.getFirst(), Injection.PROBES))
                  : new ProbeTable(List.of()));
      Injection injection =
          new Injection(
              capture,
              ports,
              Objects.requireNonNullElse(pod.annotation(Names.MODE), Names.MODE_ENFORCE),
              pod.annotation(Names.DEPUTY),
              AnswerSettings.of(pod),
              probes.table(),
              namespaceRequires,
              SidecarResources.of(pod, settings.bounds()));
      Patch patch = new Patch();
      // Pointers count from the pod as it came: what is inserted in front comes last.
      probes.changes().forEach(patch::set);
      environment(pod, patch);
      containers(pod, injection, patch);
      return patch.operations().isEmpty()
          ? new InjectionDecision.Unchanged()
          : new InjectionDecision.Inject(patch.operations(), rules.warnings(capture));
    } catch (Refusal refusal) {
      return new InjectionDecision.Refuse(String.valueOf(refusal.getMessage()));
    }
  }

  private void containers(Pod pod, Injection injection, Patch patch) throws Refusal {
    List<ObjectNode> wanted = template.containers(injection);
    List<ObjectNode> volumes = template.volumes();
    if (!present(pod)) {
      patch.members(
          pod.json(), "metadata", "annotations", Map.of(Names.INJECT, Names.INJECT_ENABLED));
      patch.members(pod.json(), "metadata", "labels", Map.of(INJECTED_LABEL, INJECTED));
      patch.first(pod.spec().path("initContainers"), "/spec/initContainers", wanted);
      patch.append(pod.spec().path("volumes"), "/spec/volumes", volumes);
      return;
    }
    List<JsonNode> inits = pod.initContainers();
    inOrder(inits, wanted);
    List<ObjectNode> earlier = template.containers(injection.earlier(inits.get(wanted.size() - 1)));
    for (int i = 0; i < wanted.size(); i++) {
      String what = "container " + Pod.name(wanted.get(i));
      if (!inits.get(i).equals(wanted.get(i))) {
        compare(what, inits.get(i), earlier.get(i));
        patch.entry("/spec/initContainers/" + i, wanted.get(i));
      }
    }
    for (ObjectNode volume : volumes) {
      compare("volume " + Pod.name(volume), Pod.named(pod.volumes(), Pod.name(volume)), volume);
    }
    if (!INJECTED.equals(pod.label(INJECTED_LABEL)) || pod.annotation(Names.INJECT) == null) {
      throw new Refusal(
          "the pod has a sidecar but lost its label or annotation; remove the sidecar, the webhook"
              + " adds all of it");
    }
  }

  private static void inOrder(List<JsonNode> inits, List<ObjectNode> wanted) throws Refusal {
    List<String> names = wanted.stream().map(Pod::name).toList();
    List<String> first = inits.stream().limit(names.size()).map(Pod::name).toList();
    if (!first.equals(names)) {
      throw new Refusal(
          "the pod has parts of the sidecar, but its first init containers are not "
              + String.join(", ", names)
              + "; remove those parts, the webhook adds them");
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
}

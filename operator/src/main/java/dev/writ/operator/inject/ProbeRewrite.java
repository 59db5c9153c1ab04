package dev.writ.operator.inject;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.writ.contract.Names;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Leads the kubelet's probes and hooks to the sidecar: at the app's own ports they would meet the
 * gate, or the filter. Those with a host of their own ask somebody else and stay. A probe that was
 * led there on an earlier pass is recognised by its port and found again in the table, so that it
 * is never led there twice. (injection.md, Probes; R7, R29)
 *
 * @param changes JSON pointer to the probe, and what has to stand there
 */
record ProbeRewrite(ProbeTable table, Map<String, ObjectNode> changes) {
  private static final List<String> PROBES =
      List.of("livenessProbe", "readinessProbe", "startupProbe");
  private static final List<String> HOOKS = List.of("postStart", "preStop");
  private static final List<String> KINDS = List.of("httpGet", "tcpSocket", "grpc");

  /**
   * Looks at every container but ours.
   *
   * @param present of the sidecar that stands in the pod, empty when there is none
   * @throws Refusal when a probe asks the sidecar for something it does not answer
   */
  static ProbeRewrite of(Pod pod, ProbeTable present) throws Refusal {
    List<ProbeEntry> entries = new ArrayList<>();
    Map<String, ObjectNode> changes = new LinkedHashMap<>();
    for (String list : List.of("initContainers", "containers")) {
      List<JsonNode> containers = Pod.items(pod.spec().path(list));
      for (int i = 0; i < containers.size(); i++) {
        JsonNode container = containers.get(i);
        if (!Reserved.CONTAINERS.contains(Pod.name(container))) {
          String pointer = "/spec/" + list + "/" + i + "/";
          for (String field : PROBES) {
            look(
                container,
                field,
                container.path(field),
                pointer + field,
                present,
                entries,
                changes);
          }
          for (String hook : HOOKS) {
            look(
                container,
                hook,
                container.path("lifecycle").path(hook),
                pointer + "lifecycle/" + hook,
                present,
                entries,
                changes);
          }
        }
      }
    }
    return new ProbeRewrite(new ProbeTable(entries), changes);
  }

  private static void look(
      JsonNode container,
      String field,
      JsonNode handler,
      String pointer,
      ProbeTable present,
      List<ProbeEntry> entries,
      Map<String, ObjectNode> changes)
      throws Refusal {
    String kind = KINDS.stream().filter(handler::has).findFirst().orElse("");
    JsonNode asked = handler.path(kind);
    boolean hook = HOOKS.contains(field);
    if (kind.isEmpty() || asked.path("host").asText("").length() > 0) {
      return;
    }
    if (hook && !kind.equals("httpGet")) {
      return; // The kubelet ignores them.
    }
    String path = "/" + Pod.name(container) + "/" + field;
    int port = number(container, asked.path("port"));
    if (port == Names.PROBE_PORT) {
      entries.add(
          present
              .find(path)
              .filter(_ -> path.equals(asked.path("path").asText()))
              .orElseThrow(
                  () ->
                      new Refusal(
                          field
                              + " of container "
                              + Pod.name(container)
                              + " asks port "
                              + Names.PROBE_PORT
                              + ", which is the sidecar's; name the port of the app, it is led to"
                              + " the sidecar by itself")));
    } else if (port > 0) {
      entries.add(ProbeEntry.of(path, handler, port, hook));
      changes.put(pointer, rewritten((ObjectNode) handler, kind, path));
    }
  }

  private static ObjectNode rewritten(ObjectNode handler, String kind, String path) {
    ObjectNode changed = handler.deepCopy();
    changed.remove(kind);
    changed
        .putObject("httpGet")
        .put("path", path)
        .put("port", Names.PROBE_PORT)
        .put("scheme", "HTTP");
    return changed;
  }

  /** The kubelet looks a name up in the probe's own container. */
  private static int number(JsonNode container, JsonNode port) {
    return port.isTextual()
        ? Pod.named(Pod.items(container.path("ports")), port.textValue())
            .path("containerPort")
            .asInt(-1)
        : port.asInt(-1);
  }
}

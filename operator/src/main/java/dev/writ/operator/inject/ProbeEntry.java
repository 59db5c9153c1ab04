package dev.writ.operator.inject;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;

/**
 * One probe or hook that the sidecar answers: what the kubelet asks of the sidecar, and what the
 * sidecar asks of the app. (injection.md, Probes; R30)
 *
 * @param path what the kubelet asks for, {@code /<container>/<field>}
 * @param json as the sidecar reads it
 */
record ProbeEntry(String path, ObjectNode json) {
  private static final int DEFAULT_SECONDS = 1;

  /** A hook may take as long as the pod has to end. */
  private static final int HOOK_SECONDS = 0;

  /**
   * Of a handler that asks the pod itself, null of any other.
   *
   * @param port the number that the handler's port means
   * @param hook a lifecycle hook, not a probe
   */
  static ProbeEntry of(String path, JsonNode probe, int port, boolean hook) {
    ObjectNode json = JsonNodeFactory.instance.objectNode().put("path", path);
    int seconds = hook ? HOOK_SECONDS : probe.path("timeoutSeconds").asInt(DEFAULT_SECONDS);
    if (probe.has("httpGet")) {
      JsonNode get = probe.get("httpGet");
      json.put("kind", get.path("scheme").asText("HTTP").equals("HTTPS") ? "https" : "http");
      json.put("port", port).put("seconds", seconds);
      json.put("target", target(get.path("path").asText("/")));
      var headers = json.putArray("headers");
      for (JsonNode header : get.path("httpHeaders")) {
        headers
            .addObject()
            .put("name", header.path("name").asText(""))
            .put("value", header.path("value").asText(""));
      }
    } else if (probe.has("grpc")) {
      json.put("kind", "grpc").put("port", port).put("seconds", seconds);
      json.put("service", probe.get("grpc").path("service").asText(""));
    } else {
      json.put("kind", "tcp").put("port", port).put("seconds", seconds);
    }
    return new ProbeEntry(path, json);
  }

  private static String target(String path) {
    return path.startsWith("/") ? path : "/" + path;
  }
}

package dev.writ.operator.inject;

import com.fasterxml.jackson.databind.JsonNode;
import dev.writ.contract.Names;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/**
 * What a pod must not bring along, and what it declares. Every refusal names the field and says
 * what to write instead.
 */
final class AdmissionRules {
  private static final int FIRST_UNPRIVILEGED_PORT = 1024;
  private static final List<String> PROBES =
      List.of("livenessProbe", "readinessProbe", "startupProbe");
  private static final List<String> HOOKS = List.of("postStart", "preStop");

  private final Pod pod;

  AdmissionRules(Pod pod) {
    this.pod = pod;
  }

  /** Refuses the pod, or returns the container ports that the sidecar takes over, ascending. */
  List<Integer> check() throws Refusal {
    annotations();
    sharing();
    reservedNames();
    List<Integer> ports = ports();
    probes(Set.copyOf(ports));
    return ports;
  }

  /** What the author should know although the pod is created. */
  List<String> warnings() {
    List<String> warnings = new ArrayList<>();
    for (JsonNode container : pod.longLived()) {
      for (JsonNode port : container.path("ports")) {
        String protocol = port.path("protocol").asText("TCP");
        if (!protocol.equals("TCP")) {
          warnings.add(
              "writ: port "
                  + port.path("containerPort").asInt()
                  + "/"
                  + protocol
                  + " of container "
                  + Pod.name(container)
                  + " is not guarded, only TCP is");
        }
      }
    }
    return warnings;
  }

  private void annotations() throws Refusal {
    for (String key : pod.annotationKeys()) {
      if (key.startsWith(Reserved.KEY_PREFIX) && !Reserved.AUTHOR_ANNOTATIONS.contains(key)) {
        throw new Refusal(
            "annotation "
                + key
                + " is not known; known are "
                + String.join(", ", new TreeSet<>(Reserved.AUTHOR_ANNOTATIONS)));
      }
    }
    for (String key : pod.labelKeys()) {
      if (key.startsWith(Reserved.KEY_PREFIX) && !key.equals(PodMutator.INJECTED_LABEL)) {
        throw new Refusal("label " + key + " is reserved; remove it");
      }
    }
    oneOf(Names.INJECT, Map.of(Names.INJECT_ENABLED, ""));
    oneOf(Names.MODE, Map.of(Names.MODE_ENFORCE, "", Names.MODE_AUDIT, ""));
    oneOf(Names.OUTBOUND, Map.of(Names.OUTBOUND_MANUAL, ""));
    oneOf(Names.DEPUTY, Map.of(Names.DEPUTY_CALLER_ONLY, ""));
    String capture = pod.annotation(Names.CAPTURE);
    if (capture == null || capture.equals(Names.CAPTURE_REDIRECT)) {
      throw new Refusal(
          "capture by redirect, the default, is not built yet: bind the app to 127.0.0.1 and set"
              + " annotation "
              + Names.CAPTURE
              + ": "
              + Names.CAPTURE_LOOPBACK);
    }
    oneOf(Names.CAPTURE, Map.of(Names.CAPTURE_LOOPBACK, ""));
    String bind = pod.annotation(Names.APP_BIND_ENV);
    if (bind != null
        && (!bind.matches("[A-Za-z_][A-Za-z0-9_]{0,127}")
            || bind.startsWith("WRIT_")
            || ProxyVariables.NAMES.contains(bind))) {
      throw new Refusal(
          "annotation "
              + Names.APP_BIND_ENV
              + " is \""
              + bind
              + "\"; write the name of the variable that tells the app where to bind, as in HOST");
    }
  }

  private void oneOf(String key, Map<String, String> allowed) throws Refusal {
    String value = pod.annotation(key);
    if (value != null && !allowed.containsKey(value)) {
      throw new Refusal(
          "annotation "
              + key
              + " is \""
              + value
              + "\"; write "
              + String.join(" or ", new TreeSet<>(allowed.keySet())));
    }
  }

  private void sharing() throws Refusal {
    for (String field : List.of("hostNetwork", "hostPID", "shareProcessNamespace")) {
      if (pod.spec().path(field).asBoolean(false)) {
        throw new Refusal(
            "spec."
                + field
                + " is true: others could take the sidecar's ports or read its key; remove it");
      }
    }
    String os = pod.spec().path("os").path("name").asText("linux");
    if (!os.equals("linux")) {
      throw new Refusal("spec.os.name is " + os + ": the sidecar runs on linux alone");
    }
  }

  /**
   * Ours may stand in the pod when it comes by a second time; whether it is exactly ours is
   * compared later.
   */
  private void reservedNames() throws Refusal {
    for (JsonNode container : pod.allContainers()) {
      String name = Pod.name(container);
      boolean ours =
          name.equals(Names.SIDECAR_CONTAINER) && pod.initContainers().contains(container);
      if (Reserved.CONTAINERS.contains(name) && !ours) {
        throw new Refusal("container name " + name + " is reserved; choose another");
      }
      if (!ours) {
        reservedUse(container);
      }
    }
    for (JsonNode volume : pod.volumes()) {
      if (!Reserved.VOLUMES.contains(Pod.name(volume))) {
        foreignToken(volume);
      }
    }
  }

  private static void reservedUse(JsonNode container) throws Refusal {
    for (String field : List.of("volumeMounts", "volumeDevices")) {
      for (JsonNode mount : container.path(field)) {
        if (Reserved.VOLUMES.contains(Pod.name(mount))) {
          throw new Refusal(
              "container "
                  + Pod.name(container)
                  + " mounts volume "
                  + Pod.name(mount)
                  + ", which is the sidecar's; remove the mount");
        }
      }
    }
    for (JsonNode port : container.path("ports")) {
      if (Reserved.port(port.path("containerPort").asLong())) {
        throw new Refusal(
            "container "
                + Pod.name(container)
                + " declares port "
                + port.path("containerPort").asLong()
                + ", which is the sidecar's; choose another");
      }
    }
  }

  private static void foreignToken(JsonNode volume) throws Refusal {
    for (JsonNode source : volume.path("projected").path("sources")) {
      if (Names.TOKEN_AUDIENCE.equals(
          Pod.text(source.path("serviceAccountToken").path("audience")))) {
        throw new Refusal(
            "volume "
                + Pod.name(volume)
                + " projects a token for audience "
                + Names.TOKEN_AUDIENCE
                + ", which is the sidecar's alone; remove it");
      }
    }
  }

  private List<Integer> ports() throws Refusal {
    Set<Integer> ports = new TreeSet<>();
    for (JsonNode container : pod.longLived()) {
      if (Reserved.CONTAINERS.contains(Pod.name(container))) {
        continue;
      }
      for (JsonNode port : container.path("ports")) {
        int number = port.path("containerPort").asInt();
        if (!port.path("protocol").asText("TCP").equals("TCP")) {
          continue;
        }
        if (number < FIRST_UNPRIVILEGED_PORT) {
          throw new Refusal(
              "container "
                  + Pod.name(container)
                  + " declares port "
                  + number
                  + ": the sidecar takes it over without privileges, so use one from 1024 on");
        }
        ports.add(number);
      }
    }
    return List.copyOf(ports);
  }

  /**
   * In loopback mode the kubelet's probe would meet the gate and be refused: the pod would never
   * get ready and nobody would know why.
   */
  private void probes(Set<Integer> captured) throws Refusal {
    for (JsonNode container : pod.longLived()) {
      if (Reserved.CONTAINERS.contains(Pod.name(container))) {
        continue;
      }
      for (String probe : PROBES) {
        handler(container, probe, container.path(probe), captured);
      }
      for (String hook : HOOKS) {
        handler(container, "lifecycle." + hook, container.path("lifecycle").path(hook), captured);
      }
    }
  }

  private static void handler(
      JsonNode container, String field, JsonNode handler, Set<Integer> captured) throws Refusal {
    for (String kind : List.of("httpGet", "tcpSocket", "grpc")) {
      JsonNode port = handler.path(kind).path("port");
      if (!port.isMissingNode() && captured.contains(number(container, port))) {
        throw new Refusal(
            field
                + " of container "
                + Pod.name(container)
                + " asks port "
                + port.asText()
                + ", which the sidecar guards; probes of guarded ports are not rewritten yet: use"
                + " an exec probe, or a health port that is no containerPort");
      }
    }
  }

  private static int number(JsonNode container, JsonNode port) {
    return port.isTextual()
        ? Pod.named(Pod.items(container.path("ports")), port.textValue())
            .path("containerPort")
            .asInt(-1)
        : port.asInt(-1);
  }
}

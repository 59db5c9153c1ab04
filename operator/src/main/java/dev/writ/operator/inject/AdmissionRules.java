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

  /** Init containers of meshes that write rules into the same pod. */
  private static final Set<String> MESHES =
      Set.of("istio-init", "istio-validation", "linkerd-init", "linkerd-network-validator");

  private final Pod pod;
  private final InjectionSettings settings;

  AdmissionRules(Pod pod, InjectionSettings settings) {
    this.pod = pod;
    this.settings = settings;
  }

  /** The mode that the pod asks for. */
  CaptureMode capture() throws Refusal {
    oneOf(Names.CAPTURE, Map.of(Names.CAPTURE_REDIRECT, "", Names.CAPTURE_LOOPBACK, ""));
    return Names.CAPTURE_LOOPBACK.equals(pod.annotation(Names.CAPTURE))
        ? CaptureMode.LOOPBACK
        : CaptureMode.REDIRECT;
  }

  /** Refuses the pod, or returns the container ports that the sidecar guards, ascending. */
  List<Integer> check(CaptureMode capture) throws Refusal {
    annotations();
    sharing();
    users();
    reservedNames();
    if (capture == CaptureMode.REDIRECT) {
      meshes();
    }
    return ports(capture);
  }

  /** What the author should know although the pod is created. */
  List<String> warnings(CaptureMode capture) {
    List<String> warnings = new ArrayList<>();
    for (JsonNode container : pod.allContainers()) {
      if (Reserved.CONTAINERS.contains(Pod.name(container))) {
        continue;
      }
      for (JsonNode capability : container.at("/securityContext/capabilities/add")) {
        if (Set.of("NET_ADMIN", "ALL").contains(capability.asText())) {
          warnings.add(
              "writ: container "
                  + Pod.name(container)
                  + " adds capability "
                  + capability.asText()
                  + ": it can undo what leads calls to the gate");
        }
      }
      if (capture == CaptureMode.REDIRECT) {
        continue;
      }
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

  /** Two containers with one UID are one to the kernel wherever they meet. (R24) */
  private void users() throws Refusal {
    if (settings.uid().isEmpty()) {
      return;
    }
    long sidecar = settings.uid().getAsLong();
    long pods = pod.spec().at("/securityContext/runAsUser").asLong(-1);
    for (JsonNode container : pod.allContainers()) {
      if (!Reserved.CONTAINERS.contains(Pod.name(container))
          && container.at("/securityContext/runAsUser").asLong(pods) == sidecar) {
        throw new Refusal(
            "container "
                + Pod.name(container)
                + " runs as user "
                + sidecar
                + ", which is the sidecar's; choose another runAsUser");
      }
    }
  }

  /** An order of two sets of rules that nobody tested is not trusted. */
  private void meshes() throws Refusal {
    for (JsonNode container : pod.initContainers()) {
      if (MESHES.contains(Pod.name(container))) {
        throw new Refusal(
            "init container "
                + Pod.name(container)
                + " redirects traffic of its own; set annotation "
                + Names.CAPTURE
                + ": "
                + Names.CAPTURE_LOOPBACK
                + ", or keep the pod out of the mesh");
      }
    }
    if ("ambient".equals(pod.label("istio.io/dataplane-mode"))) {
      throw new Refusal(
          "label istio.io/dataplane-mode: ambient redirects traffic of its own; set annotation "
              + Names.CAPTURE
              + ": "
              + Names.CAPTURE_LOOPBACK
              + ", or keep the pod out of the mesh");
    }
  }

  /**
   * Ours may stand in the pod when it comes by a second time; whether it is exactly ours is
   * compared later.
   */
  private void reservedNames() throws Refusal {
    for (JsonNode container : pod.allContainers()) {
      String name = Pod.name(container);
      boolean ours = Reserved.CONTAINERS.contains(name) && pod.initContainers().contains(container);
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

  /** Init containers that serve are guarded too: the sidecar runs before them. */
  private List<Integer> ports(CaptureMode capture) throws Refusal {
    Set<Integer> ports = new TreeSet<>();
    for (JsonNode container : pod.allContainers()) {
      if (Reserved.CONTAINERS.contains(Pod.name(container))) {
        continue;
      }
      for (JsonNode port : container.path("ports")) {
        int number = port.path("containerPort").asInt();
        if (!port.path("protocol").asText("TCP").equals("TCP")) {
          continue;
        }
        if (capture == CaptureMode.LOOPBACK && number < FIRST_UNPRIVILEGED_PORT) {
          throw new Refusal(
              "container "
                  + Pod.name(container)
                  + " declares port "
                  + number
                  + ": in mode "
                  + Names.CAPTURE_LOOPBACK
                  + " the sidecar binds it without privileges, so use one from "
                  + FIRST_UNPRIVILEGED_PORT
                  + " on, or capture by "
                  + Names.CAPTURE_REDIRECT);
        }
        ports.add(number);
      }
    }
    if (ports.size() > Names.MAX_CAPTURED_PORTS) {
      throw new Refusal(
          "the pod declares "
              + ports.size()
              + " ports; at most "
              + Names.MAX_CAPTURED_PORTS
              + " can be guarded");
    }
    return List.copyOf(ports);
  }
}

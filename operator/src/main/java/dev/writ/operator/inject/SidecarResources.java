package dev.writ.operator.inject;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.writ.contract.Names;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What a sidecar asks for and may use at most. All of it is set, so that quotas and limit ranges
 * that demand it admit the pod. (injection.md, What is injected; R11)
 *
 * @param cpuRequest millicores
 * @param cpuLimit millicores
 * @param memoryRequest MiB
 * @param memoryLimit MiB
 */
record SidecarResources(int cpuRequest, int cpuLimit, int memoryRequest, int memoryLimit) {
  private static final SidecarResources DEFAULT = new SidecarResources(50, 2_000, 160, 384);
  private static final int MIN_CPU = 10;

  /** A JVM with less does not get to its first call. */
  private static final int MIN_MEMORY = 128;

  private static final int MILLI = 1_000;
  private static final int KIBI = 1_024;
  private static final Pattern CPU = Pattern.compile("(\\d{1,6})(m?)");
  private static final Pattern MEMORY = Pattern.compile("(\\d{1,6})(Mi|Gi)");

  /**
   * What the pod's annotations say, within the bounds.
   *
   * @throws Refusal naming the annotation and the bounds
   */
  static SidecarResources of(Pod pod, InjectionSettings.Bounds bounds) throws Refusal {
    int[] cpu =
        pair(
            pod,
            Names.SIDECAR_CPU,
            CPU,
            MILLI,
            new int[] {
              Math.min(DEFAULT.cpuRequest, bounds.cpuMillis()),
              Math.min(DEFAULT.cpuLimit, bounds.cpuMillis())
            },
            MIN_CPU,
            bounds.cpuMillis());
    int[] memory =
        pair(
            pod,
            Names.SIDECAR_MEMORY,
            MEMORY,
            KIBI,
            new int[] {DEFAULT.memoryRequest, Math.min(DEFAULT.memoryLimit, bounds.memoryMebi())},
            MIN_MEMORY,
            bounds.memoryMebi());
    return new SidecarResources(cpu[0], cpu[1], memory[0], memory[1]);
  }

  private static int[] pair(
      Pod pod, String annotation, Pattern form, int whole, int[] absent, int minimum, int maximum)
      throws Refusal {
    String text = pod.annotation(annotation);
    if (text == null) {
      return absent;
    }
    String[] parts = text.split("/", -1);
    int request = parts.length == 2 ? amount(parts[0], form, whole) : -1;
    int limit = parts.length == 2 ? amount(parts[1], form, whole) : -1;
    if (request < minimum || limit < request || limit > maximum) {
      throw new Refusal(
          "annotation "
              + annotation
              + " is \""
              + text
              + "\"; write REQUEST/LIMIT with "
              + print(minimum, form, whole)
              + " <= REQUEST <= LIMIT <= "
              + print(maximum, form, whole)
              + ", as in "
              + (form == CPU ? "100m/2" : "192Mi/512Mi"));
    }
    return new int[] {request, limit};
  }

  private static int amount(String text, Pattern form, int whole) {
    Matcher matcher = form.matcher(text);
    if (!matcher.matches()) {
      return -1;
    }
    boolean small = matcher.group(2).equals("m") || matcher.group(2).equals("Mi");
    long amount = Long.parseLong(matcher.group(1)) * (small ? 1 : whole);
    return amount > Integer.MAX_VALUE ? -1 : (int) amount;
  }

  /** As the API server writes it: on a second pass the text is compared. */
  private static String print(int amount, Pattern form, int whole) {
    boolean even = amount % whole == 0;
    String unit = form == CPU ? (even ? "" : "m") : (even ? "Gi" : "Mi");
    return (even ? amount / whole : amount) + unit;
  }

  /** The member {@code resources} of the container. */
  ObjectNode json() {
    ObjectNode resources = JsonNodeFactory.instance.objectNode();
    resources
        .putObject("limits")
        .put("cpu", print(cpuLimit, CPU, MILLI))
        .put("ephemeral-storage", "1Gi")
        .put("memory", print(memoryLimit, MEMORY, KIBI));
    resources
        .putObject("requests")
        .put("cpu", print(cpuRequest, CPU, MILLI))
        .put("ephemeral-storage", "128Mi")
        .put("memory", print(memoryRequest, MEMORY, KIBI));
    return resources;
  }
}

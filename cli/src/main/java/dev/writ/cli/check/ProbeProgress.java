package dev.writ.cli.check;

import io.fabric8.kubernetes.api.model.ContainerStateTerminated;
import io.fabric8.kubernetes.api.model.ContainerStateWaiting;
import io.fabric8.kubernetes.api.model.ContainerStatus;
import io.fabric8.kubernetes.api.model.Pod;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Where a probing pod is in its short life. Pure. */
sealed interface ProbeProgress {
  /** Goes on. */
  record Goes() implements ProbeProgress {}

  /** Did what it was made for: its log has the reports. */
  record Done() implements ProbeProgress {}

  /**
   * Will not come to an end, or came to a bad one.
   *
   * @param why one sentence, without its end
   */
  record Failed(String why) implements ProbeProgress {}

  /**
   * What the kubelet says when waiting longer is of no use, or hardly any: a first {@code
   * ErrImagePull} may pass, what is waited for after it rarely does.
   */
  Set<String> HOPELESS =
      Set.of(
          "ImagePullBackOff",
          "ErrImageNeverPull",
          "InvalidImageName",
          "CreateContainerConfigError",
          "CreateContainerError",
          "RunContainerError");

  /**
   * Looks at it.
   *
   * @param pod null when it is gone
   * @param waited since it was made, seconds
   */
  static ProbeProgress of(@Nullable Pod pod, long waited) {
    if (pod == null) {
      return new Failed("somebody removed it");
    }
    String phase = pod.getStatus() == null ? "Pending" : pod.getStatus().getPhase();
    return switch (String.valueOf(phase)) {
      case "Succeeded" -> new Done();
      case "Failed" -> new Failed(end(pod));
      case "Running" -> new Goes();
      default -> pending(pod, waited);
    };
  }

  private static String end(Pod pod) {
    String reason = pod.getStatus().getReason();
    return states(pod)
        .map(one -> one.getState().getTerminated())
        .filter(Objects::nonNull)
        .findFirst()
        .map(ProbeProgress::exit)
        .orElse("it failed")
        .concat(reason == null ? "" : " (" + printable(reason) + ")");
  }

  private static String exit(ContainerStateTerminated end) {
    return "its container ended with "
        + end.getExitCode()
        + " ("
        + printable(end.getReason())
        + ")";
  }

  private static ProbeProgress pending(Pod pod, long waited) {
    for (ContainerStateWaiting waiting :
        states(pod).map(one -> one.getState().getWaiting()).filter(Objects::nonNull).toList()) {
      if (HOPELESS.contains(String.valueOf(waiting.getReason()))) {
        return new Failed(
            "the kubelet can't start it, "
                + waiting.getReason()
                + ": "
                + printable(waiting.getMessage()));
      }
    }
    if (waited < ProbePod.START_SECONDS) {
      return new Goes();
    }
    return new Failed(
        "it did not start within "
            + ProbePod.START_SECONDS
            + " s"
            + Objects.requireNonNullElse(
                    pod.getStatus() == null ? null : pod.getStatus().getConditions(),
                    List.<io.fabric8.kubernetes.api.model.PodCondition>of())
                .stream()
                .filter(one -> "False".equals(one.getStatus()) && one.getMessage() != null)
                .map(one -> ": " + printable(one.getMessage()))
                .findFirst()
                .orElse(""));
  }

  private static Stream<ContainerStatus> states(Pod pod) {
    return pod.getStatus() == null || pod.getStatus().getContainerStatuses() == null
        ? Stream.of()
        : pod.getStatus().getContainerStatuses().stream().filter(one -> one.getState() != null);
  }

  /** One line for a terminal, whatever a registry or a runtime wrote. */
  private static String printable(@Nullable String text) {
    String line = String.valueOf(text).replaceAll("\\p{Cntrl}+", " ").strip();
    return line.length() <= 300 ? line : line.substring(0, 300) + "...";
  }
}

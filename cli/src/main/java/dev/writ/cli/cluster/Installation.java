package dev.writ.cli.cluster;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * What is run: the programs of this source tree and the JDK they run on.
 *
 * @param root of the source tree
 * @param java the {@code java} program
 */
public record Installation(Path root, Path java) {
  static final String AGENTS_IMAGE = "writ-example-agents:local";
  static final String SIDECAR_IMAGE = "writ-sidecar:local";

  /**
   * Small: a hundred of them share two cores. What runs for a minute never earns back what the
   * optimising compiler costs.
   */
  private static final List<String> LEAN =
      List.of(
          "-XX:+UseSerialGC",
          "-Xss512k",
          "-XX:TieredStopAtLevel=1",
          // What was trained is of use to the other compiler alone.
          "-XX:+UnlockDiagnosticVMOptions",
          "-XX:-AOTReplayTraining",
          "--sun-misc-unsafe-memory-access=allow");

  /** What makes a few calls and ends: to compile pays for what is done over and over alone. */
  private static final List<String> SHORT_LIVED = List.of("-XX:CompileThresholdScaling=8");

  private static final String SIDECAR_HEAP = "96m";
  private static final String AGENT_HEAP = "48m";
  private static final String OPERATOR_HEAP = "384m";

  /** The manifests of the examples. */
  public Path examples() {
    return root.resolve("examples");
  }

  /**
   * What a container of an image runs.
   *
   * @param shortLived whether its pod is one that ends by itself
   * @param training whether it makes the AOT cache that later ones use
   * @return empty when the image is not known
   */
  Optional<List<String>> command(String image, boolean shortLived, boolean training) {
    return switch (image) {
      case SIDECAR_IMAGE ->
          Optional.of(lean(sidecarJar(), SIDECAR_HEAP, nativeLibraries(), shortLived, training));
      case AGENTS_IMAGE ->
          Optional.of(lean(agentsJar(), AGENT_HEAP, List.of(), shortLived, training));
      default -> Optional.empty();
    };
  }

  /** The native libraries of the sidecar's build, used as in its image. */
  private List<String> nativeLibraries() {
    return List.of(
        "-Dcom.amazon.corretto.crypto.provider.useExternalLib=true",
        "-Djava.library.path=" + root.resolve("sidecar/target/native"));
  }

  /** Makes its own AOT cache, at its end, when there is no fresh one. */
  List<String> operatorCommand() {
    return lean(operatorJar(), OPERATOR_HEAP, List.of(), false, operatorNeedsTraining());
  }

  /** Whether the operator has to end in order, to make its cache. */
  boolean operatorNeedsTraining() {
    return !AotCache.isFresh(operatorJar());
  }

  /** Whether sidecars and agents would start the slow way. */
  boolean needsTraining() {
    return !AotCache.isFresh(sidecarJar()) || !AotCache.isFresh(agentsJar());
  }

  private Path operatorJar() {
    return root.resolve("operator/target/operator.jar");
  }

  private Path sidecarJar() {
    return root.resolve("sidecar/target/sidecar.jar");
  }

  private Path agentsJar() {
    return root.resolve("examples/agents/target/agents.jar");
  }

  private List<String> lean(
      Path jar, String heap, List<String> own, boolean shortLived, boolean training) {
    List<String> command = new ArrayList<>();
    command.add(java.toString());
    command.addAll(LEAN);
    command.addAll(own);
    if (shortLived) {
      command.addAll(SHORT_LIVED);
    }
    command.add("-Xmx" + heap);
    command.add("-Djava.io.tmpdir=" + ContainerPlan.TEMPORARY);
    if (training) {
      command.add("-XX:AOTCacheOutput=" + AotCache.file(jar));
    } else if (AotCache.isFresh(jar)) {
      command.add("-XX:AOTCache=" + AotCache.file(jar));
    }
    command.add("-jar");
    command.add(jar.toString());
    return command;
  }
}

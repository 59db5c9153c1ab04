package dev.writ.e2e.cluster;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;

/**
 * The cluster of {@code KUBECONFIG} with the chart installed. Installed once for all tests of a run
 * and left there; a test that takes it away puts it back.
 */
final class Cluster {
  static final Path ROOT = Path.of("").toAbsolutePath().getParent();
  static final String SYSTEM = "writ-system";

  /** Generous: a test cluster may share two cores with a build. */
  static final Duration PATIENCE = Duration.ofMinutes(3);

  private static @Nullable Cluster installed;

  private Cluster() {}

  /** Installs the chart if no test of this run did. */
  static synchronized Cluster installed() {
    Cluster known = installed;
    if (known == null) {
      known = new Cluster();
      known.install();
      installed = known;
    }
    return known;
  }

  /** Installs the chart, or brings the release to it; returns when it runs. */
  void install(String... more) {
    if (!kubectlTry("get", "namespace", SYSTEM).out().contains(SYSTEM)) {
      kubectl("create", "namespace", SYSTEM);
    }
    kubectl(
        "label",
        "--overwrite",
        "namespace",
        SYSTEM,
        "pod-security.kubernetes.io/enforce=restricted");
    List<String> command =
        new ArrayList<>(
            List.of(
                "upgrade",
                "--install",
                "writ",
                ROOT.resolve("charts/writ").toString(),
                "--values",
                ROOT.resolve("e2e/values.yaml").toString()));
    String further = System.getenv("WRIT_IT_VALUES");
    if (further != null) {
      command.addAll(List.of("--values", further));
    }
    command.addAll(List.of("--wait", "--timeout", PATIENCE.toSeconds() + "s"));
    command.addAll(List.of(more));
    helm(command.toArray(String[]::new));
    awaitLeader();
  }

  /** Waits until sidecars find the leader. */
  void awaitLeader() {
    await(
        "a leader",
        () ->
            !kubectl(
                    "-n",
                    SYSTEM,
                    "get",
                    "endpointslices",
                    "-l",
                    "kubernetes.io/service-name=writ-operator",
                    "-o",
                    "jsonpath={.items[*].endpoints[?(@.conditions.ready==true)].addresses}")
                .isBlank());
  }

  /** Makes a namespace of its own for a test; closing takes it away without waiting. */
  TestNamespace namespace(String name, String... labels) {
    String unique =
        name + "-" + Integer.toString(ThreadLocalRandom.current().nextInt(46_656, 1_679_616), 36);
    kubectl("create", "namespace", unique);
    if (labels.length > 0) {
      kubectl(Command.join(new String[] {"label", "namespace", unique}, labels));
    }
    return new TestNamespace(this, unique);
  }

  String kubectl(String... arguments) {
    return kubectlTry(arguments).output();
  }

  /** Runs kubectl, whose failure the caller looks at. */
  Command kubectlTry(String... arguments) {
    return Command.run(null, PATIENCE, Command.join(new String[] {"kubectl"}, arguments));
  }

  /** Creates or changes what the YAML says. */
  void apply(String yaml) {
    applyTry(yaml).output();
  }

  Command applyTry(String yaml) {
    return Command.run(yaml, PATIENCE, "kubectl", "apply", "-f", "-");
  }

  String helm(String... arguments) {
    return helmTry(arguments).output();
  }

  Command helmTry(String... arguments) {
    return Command.run(
        null,
        PATIENCE.plusMinutes(1),
        Command.join(new String[] {"helm", "--namespace", SYSTEM}, arguments));
  }

  /** Reads a file of {@code src/test/resources/cluster}. */
  static String resource(String name) {
    try {
      return Files.readString(ROOT.resolve("e2e/src/test/resources/cluster").resolve(name));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Looks once. */
  interface Look {
    boolean holds() throws Exception;
  }

  /** Waits until it holds; an assertion that fails meanwhile means not yet. */
  static void await(String what, Look look) {
    long deadline = System.nanoTime() + PATIENCE.toNanos();
    Throwable last = null;
    while (System.nanoTime() < deadline) {
      try {
        if (look.holds()) {
          return;
        }
        last = null;
      } catch (AssertionError | Exception e) {
        last = e;
      }
      pause(Duration.ofMillis(500));
    }
    throw new AssertionError("not within " + PATIENCE + ": " + what, last);
  }

  static void pause(Duration time) {
    try {
      Thread.sleep(time);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError("interrupted", e);
    }
  }
}

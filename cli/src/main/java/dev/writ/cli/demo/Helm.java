package dev.writ.cli.demo;

import dev.writ.cli.CommandException;
import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** The program {@code helm} and the chart of this source tree. */
final class Helm {
  static final String NAMESPACE = "writ-system";
  private static final String RELEASE = "writ";

  private final Path program;
  private final Path chart;
  private final String context;
  private final List<Path> values;

  private Helm(Path program, Path chart, String context, List<Path> values) {
    this.program = program;
    this.chart = chart;
    this.context = context;
    this.values = List.copyOf(values);
  }

  /**
   * Finds the program on the PATH.
   *
   * @throws CommandException when it is not there, or a file of values is not
   */
  static Helm of(Map<String, String> environment, Path home, String context, List<Path> values)
      throws CommandException {
    for (Path file : values) {
      if (!Files.isReadable(file)) {
        throw CommandException.unusable("--values " + file + " cannot be read");
      }
    }
    for (String folder : environment.getOrDefault("PATH", "").split(File.pathSeparator, -1)) {
      Path program = Path.of(folder, "helm");
      if (Files.isExecutable(program)) {
        return new Helm(program, home.resolve("charts/writ"), context, values);
      }
    }
    throw CommandException.unusable(
        "helm is not on the PATH: install Helm 3 (https://helm.sh/docs/intro/install), the chart is"
            + " installed by it");
  }

  /** Installs the chart, and waits until it runs. */
  void install() throws IOException, InterruptedException, StoryFailure {
    List<String> command = new ArrayList<>(List.of("install", RELEASE, chart.toString()));
    command.addAll(List.of("--create-namespace", "--wait", "--timeout", "5m"));
    values.forEach(file -> command.addAll(List.of("--values", file.toString())));
    run(command);
  }

  void uninstall() throws IOException, InterruptedException, StoryFailure {
    run(List.of("uninstall", RELEASE, "--wait", "--timeout", "3m"));
  }

  private void run(List<String> arguments) throws IOException, InterruptedException, StoryFailure {
    List<String> command =
        new ArrayList<>(
            List.of(program.toString(), "--kube-context", context, "--namespace", NAMESPACE));
    command.addAll(arguments);
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    process.getOutputStream().close();
    String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    StoryFailure.unless(
        process.waitFor() == 0, "helm " + arguments.getFirst() + ": " + said.strip());
  }
}

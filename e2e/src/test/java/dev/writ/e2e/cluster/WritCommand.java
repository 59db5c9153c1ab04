package dev.writ.e2e.cluster;

import java.nio.file.Path;
import java.time.Duration;

/** The command line, as users of a source tree run it, on the cluster of {@code KUBECONFIG}. */
final class WritCommand {
  private static final String JAVA =
      Path.of(System.getProperty("java.home"), "bin", "java").toString();

  private WritCommand() {}

  static Command run(Duration patience, String... arguments) {
    return Command.run(null, patience, line(arguments));
  }

  /** The same as a program and its arguments. */
  static String[] line(String... arguments) {
    return Command.join(
        new String[] {
          "env",
          "WRIT_HOME=" + Cluster.ROOT,
          JAVA,
          "-XX:+UseSerialGC",
          "-XX:TieredStopAtLevel=1",
          "-jar",
          Cluster.ROOT.resolve("cli/target/cli.jar").toString()
        },
        arguments);
  }
}

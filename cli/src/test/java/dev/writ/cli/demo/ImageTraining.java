package dev.writ.cli.demo;

import dev.writ.cli.cluster.Installation;
import dev.writ.cli.cluster.LocalCluster;
import dev.writ.cli.cluster.LocalProcess;
import dev.writ.cli.cluster.RunFolder;
import dev.writ.cli.cluster.RunningPod;
import dev.writ.cli.output.Screen;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.util.Objects;

/**
 * What the programs of the images do while their AOT caches are recorded: the demo's second story,
 * with enrolment, admission, signed calls and their records. Started by {@code build/images}.
 */
final class ImageTraining {
  private ImageTraining() {}

  /**
   * Plays it once.
   *
   * @param arguments the tree with the programs, the {@code java} that they run on, a folder for
   *     what is left over
   */
  public static void main(String[] arguments) throws Exception {
    Installation installation = new Installation(Path.of(arguments[0]), Path.of(arguments[1]));
    Screen screen = new Screen(System.out, false);
    RunFolder run = RunFolder.create(Path.of(arguments[2]));
    try (LocalCluster cluster = LocalCluster.start(installation, run, Clock.systemUTC())) {
      cluster.startOperator();
      cluster.awaitOperator();
      new HopsStory(new Stage(cluster, installation.examples(), screen), Clock.systemUTC()).play();
      checkNative(cluster);
    } catch (Exception e) {
      run.keepLogs(Path.of(arguments[2], "logs"));
      throw e;
    }
    run.close();
  }

  /** A sidecar that finds no native library beside its jar works too, at twice the cost. */
  private static void checkNative(LocalCluster cluster) throws IOException {
    for (RunningPod pod : cluster.pods()) {
      LocalProcess sidecar = Objects.requireNonNull(pod.sidecar());
      if (sidecar.lines().stream().noneMatch(line -> line.contains("Ed25519 is native"))) {
        throw new IOException(sidecar.name() + " does not use its native library");
      }
    }
  }
}

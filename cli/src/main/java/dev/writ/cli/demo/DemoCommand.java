package dev.writ.cli.demo;

import dev.writ.cli.CommandException;
import dev.writ.cli.ExitCode;
import dev.writ.cli.Surroundings;
import dev.writ.cli.cluster.Installation;
import dev.writ.cli.cluster.LocalCluster;
import dev.writ.cli.cluster.LocalProcess;
import dev.writ.cli.cluster.ProcessFailure;
import dev.writ.cli.cluster.RunFolder;
import dev.writ.cli.kube.Kubeconfig;
import dev.writ.cli.output.Screen;
import dev.writ.cli.output.Screen.Tone;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code writ demo}. */
@Command(
    name = "demo",
    description = {
      "Plays four stories on this machine: API server, operator, gates and agents as local"
          + " processes.",
      "With --context on a cluster, through the chart: needs helm, and images that the cluster"
          + " has or can pull.",
      "Ends with a table of the calls and the check of the records. Leaves nothing behind."
    },
    footer = {
      "",
      "Exit codes: 0 everything was as it must be, 1 something was not (the part is named), 2 it"
          + " could not start."
    })
public final class DemoCommand implements Callable<Integer> {
  private static final int TAIL = 20;
  private static final Duration TOKEN_REFRESH = Duration.ofMinutes(20);

  /** On a cluster, unless another number is given: a laptop's has to hold it. */
  private static final int ATTEMPTS = 5_000;

  private final Surroundings surroundings;

  /** From the moment of a Ctrl-C on: what fails now fails because of it. */
  private volatile boolean interrupted;

  private boolean closed;

  @Option(
      names = "--keep",
      description =
          "Keep it running at the end, for writ status, kubectl and curl, until Ctrl-C; on a"
              + " cluster leave it there.")
  private boolean keep;

  @Option(
      names = "--context",
      paramLabel = "NAME",
      description = "Play on the cluster of this context of KUBECONFIG (~/.kube/config).")
  private @Nullable String context;

  @Option(
      names = "--values",
      paramLabel = "FILE",
      description = "With --context: values for the chart, as for helm. May be repeated.")
  private List<Path> values = List.of();

  @Option(
      names = "--attempts",
      paramLabel = "N",
      description =
          "With --context: payments that the compromised agent tries. Default: " + ATTEMPTS + ".")
  private @Nullable Integer attempts;

  /** A command in these surroundings. */
  public DemoCommand(Surroundings surroundings) {
    this.surroundings = surroundings;
  }

  @Override
  public Integer call() throws CommandException, IOException, InterruptedException {
    String home = surroundings.environment().get("WRIT_HOME");
    if (home == null) {
      throw CommandException.unusable(
          "WRIT_HOME is not set: start the demo with ./writ of the source tree");
    }
    if (context != null) {
      return onCluster(Path.of(home), context);
    }
    if (!values.isEmpty()) {
      throw CommandException.unusable("--values is for the chart: say --context NAME with it");
    }
    if (attempts != null) {
      throw CommandException.unusable(
          "--attempts is for a demo on a cluster: say --context NAME with it");
    }
    Path state = Path.of(home, ".writ");
    Installation installation = new Installation(Path.of(home), surroundings.java());
    Screen screen = new Screen(surroundings.out(), surroundings.coloured());
    RunFolder run = RunFolder.create(state);
    LocalCluster cluster;
    try {
      cluster = LocalCluster.start(installation, run, surroundings.clock());
    } catch (IOException e) {
      run.close();
      throw CommandException.unusable(String.valueOf(e.getMessage()));
    }
    Path kubeconfig = state.resolve("kubeconfig");
    Runtime.getRuntime()
        .addShutdownHook(
            new Thread(
                () -> {
                  interrupted = true;
                  close(cluster, run, kubeconfig);
                },
                "close"));
    try {
      Demo demo = new Demo(installation, screen, surroundings.clock());
      demo.play(cluster);
      if (keep) {
        cluster.writeKubeconfig(kubeconfig);
        stay(cluster, screen, kubeconfig);
      }
      return ExitCode.OK;
    } catch (IOException | StoryFailure | KubernetesClientException e) {
      if (interrupted) {
        return ExitCode.VIOLATED;
      }
      explain(e, run, screen, state.resolve("logs"));
      return ExitCode.VIOLATED;
    } finally {
      close(cluster, run, kubeconfig);
    }
  }

  private int onCluster(Path home, String name) throws CommandException, InterruptedException {
    int tried = Objects.requireNonNullElse(attempts, ATTEMPTS);
    if (tried <= ClusterDemo.LIMIT) {
      throw CommandException.unusable(
          "--attempts is "
              + tried
              + "; write more than the "
              + ClusterDemo.LIMIT
              + " calls granted");
    }
    Screen screen = new Screen(surroundings.out(), surroundings.coloured());
    Helm helm = Helm.of(surroundings.environment(), home, name, values);
    try (KubernetesClient client =
        new KubernetesClientBuilder().withConfig(Kubeconfig.read(surroundings, name)).build()) {
      ClusterStage stage = new ClusterStage(client, helm, home.resolve("examples"), screen);
      Thread close = new Thread(stage::close, "close");
      Runtime.getRuntime().addShutdownHook(close);
      try {
        new ClusterDemo(stage, screen, tried).play();
        if (keep) {
          stage.keep();
        }
        return ExitCode.OK;
      } catch (StoryFailure e) {
        screen.title("The demo failed");
        screen.step(Tone.BAD, String.valueOf(e.getMessage()));
        return ExitCode.VIOLATED;
      } catch (IOException | KubernetesClientException e) {
        throw CommandException.unusable("couldn't go on with the cluster: " + e.getMessage());
      } finally {
        stage.close();
      }
    }
  }

  private void explain(Exception failure, RunFolder run, Screen screen, Path logs)
      throws IOException {
    screen.title("The demo failed");
    screen.step(Tone.BAD, String.valueOf(failure.getMessage()));
    if (failure instanceof ProcessFailure processFailure) {
      LocalProcess process = processFailure.process();
      screen.line("The end of the log of " + process.name() + ":");
      process.tail(TAIL).forEach(line -> screen.line("    " + line));
    }
    run.keepLogs(logs);
    screen.line("The logs of all processes are in " + logs);
  }

  private static void stay(LocalCluster cluster, Screen screen, Path kubeconfig)
      throws IOException, InterruptedException {
    screen.title("It goes on until Ctrl-C");
    screen.line("    KUBECONFIG='" + kubeconfig + "' ./writ status -A");
    cluster.pods().stream()
        .filter(pod -> pod.id().startsWith("bank/"))
        .findFirst()
        .ifPresent(
            pod ->
                screen.line(
                    "    curl -i -X POST http://" + pod.address().outer() + ":8080/v1/transfers"));
    while (true) {
      Thread.sleep(TOKEN_REFRESH);
      cluster.refreshTokens();
    }
  }

  /**
   * Runs once, in whichever thread comes first: the end of the command or Ctrl-C; the other waits.
   */
  private synchronized void close(LocalCluster cluster, RunFolder run, Path kubeconfig) {
    if (closed) {
      return;
    }
    closed = true;
    cluster.kill();
    cluster.close();
    try {
      Files.deleteIfExists(kubeconfig);
      run.close();
    } catch (IOException e) {
      surroundings.err().println("writ: couldn't remove what the demo left: " + e.getMessage());
    }
  }
}

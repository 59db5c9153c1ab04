package dev.writ.cli.cluster;

import dev.writ.contract.Names;
import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.ContainerPort;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.api.model.Probe;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * Runs pods as local processes: admission, then volumes, then native sidecars up to their startup
 * probe, then the agent, in the order in which Kubernetes does it.
 */
final class Kubelet {
  private static final Duration PATIENCE = Duration.ofSeconds(90);

  private final KubernetesClient client;
  private final Admission admission;
  private final Volumes volumes;
  private final Network network;
  private final Installation installation;
  private final Loopback loopback;
  private final RunFolder run;
  private final AtomicInteger numbers = new AtomicInteger();
  private final List<RunningPod> pods = new CopyOnWriteArrayList<>();
  private volatile boolean stopping;

  Kubelet(
      KubernetesClient client,
      Admission admission,
      Volumes volumes,
      Network network,
      Installation installation,
      Loopback loopback,
      RunFolder run) {
    this.client = client;
    this.admission = admission;
    this.volumes = volumes;
    this.network = network;
    this.installation = installation;
    this.loopback = loopback;
    this.run = run;
  }

  /**
   * Creates a pod, and returns when its agent runs and listens on the ports it declares.
   *
   * @param training whether its processes make the AOT caches that later ones use
   */
  RunningPod run(Pod wanted, boolean training) throws IOException, InterruptedException {
    RunningPod pod = create(wanted);
    startSidecars(pod, training);
    startAgent(pod, training);
    return pod;
  }

  /** Creates a pod with its address and its volumes; none of its processes runs yet. */
  RunningPod create(Pod wanted) throws IOException, InterruptedException {
    Pod created = client.resource(admission.admit(wanted)).create();
    Map<String, Path> folders =
        volumes.write(created, run.folder("pods/" + created.getMetadata().getUid()));
    RunningPod pod =
        new RunningPod(created, loopback.pod(numbers.incrementAndGet()), Map.copyOf(folders));
    pods.add(pod);
    return pod;
  }

  /** Starts a pod's sidecars, and returns when they are ready. */
  void startSidecars(RunningPod pod, boolean training) throws IOException, InterruptedException {
    for (Container container : pod.pod().getSpec().getInitContainers()) {
      startSidecar(pod, container, training);
    }
  }

  /** Starts a pod's agent, and returns when it listens. */
  void startAgent(RunningPod pod, boolean training) throws IOException, InterruptedException {
    Container agent = pod.pod().getSpec().getContainers().getFirst();
    pod.app(start(pod, agent, training));
    awaitPorts(pod, agent);
    status(pod, "Running", true);
  }

  private void startSidecar(RunningPod pod, Container container, boolean training)
      throws IOException, InterruptedException {
    if (!"Always".equals(container.getRestartPolicy())) {
      throw new IOException(
          pod.id() + ": init container " + container.getName() + " is not a native sidecar");
    }
    LocalProcess process = start(pod, container, training);
    pod.sidecar(process);
    // A real kubelet starts the agent after the first; the stories want its first call to be
    // served.
    awaitProbe(pod, process, container.getStartupProbe());
    awaitProbe(pod, process, container.getReadinessProbe());
  }

  private static void awaitProbe(RunningPod pod, LocalProcess process, @Nullable Probe probe)
      throws IOException, InterruptedException {
    if (probe != null && probe.getHttpGet() != null) {
      int port = probe.getHttpGet().getPort().getIntVal();
      Probes.awaitHttp(
          process, pod.address().outer(), port, probe.getHttpGet().getPath(), PATIENCE);
    }
  }

  private LocalProcess start(RunningPod pod, Container container, boolean training)
      throws IOException {
    boolean shortLived = "Never".equals(pod.pod().getSpec().getRestartPolicy());
    List<String> image =
        installation
            .command(container.getImage(), shortLived, training)
            .orElseThrow(
                () ->
                    new IOException(
                        pod.id() + ": image " + container.getImage() + " is not known here"));
    ContainerPlan plan =
        ContainerPlan.of(pod.pod(), container, pod.address(), image, pod.folders());
    Map<String, String> environment = plan.environment();
    if (container.getName().equals(Names.SIDECAR_CONTAINER)) {
      String hosts = network.hosts(pod.pod(), pods);
      if (!hosts.isEmpty()) {
        environment = new HashMap<>(environment);
        environment.put("WRIT_HOSTS", hosts);
      }
    }
    if (stopping) {
      throw new IOException("the cluster is being stopped");
    }
    String name = pod.pod().getMetadata().getName() + "." + plan.name();
    return LocalProcess.start(name, plan.command(), environment, run);
  }

  private static void awaitPorts(RunningPod pod, Container agent)
      throws IOException, InterruptedException {
    for (ContainerPort port : agent.getPorts()) {
      Probes.awaitPort(pod.app(), pod.address().inner(), port.getContainerPort(), PATIENCE);
    }
  }

  private void status(RunningPod pod, String phase, boolean ready) {
    client
        .pods()
        .inNamespace(pod.pod().getMetadata().getNamespace())
        .withName(pod.pod().getMetadata().getName())
        .editStatus(
            current ->
                new PodBuilder(current)
                    .withNewStatus()
                    .withPhase(phase)
                    .withPodIP(pod.address().outer())
                    .addNewPodIP()
                    .withIp(pod.address().outer())
                    .endPodIP()
                    .addNewCondition()
                    .withType("Ready")
                    .withStatus(ready ? "True" : "False")
                    .endCondition()
                    .endStatus()
                    .build());
  }

  /** Renews what is in the volumes (tokens above all); what a pod wrote stays. */
  void refreshVolumes() throws IOException {
    for (RunningPod pod : pods) {
      volumes.write(pod.pod(), run.folder("pods/" + pod.uid()));
    }
  }

  /** Ends a pod of a job: its agent, then its sidecar. It stays as an object, succeeded. */
  void complete(RunningPod pod, Duration patience) throws InterruptedException {
    pods.remove(pod);
    long deadline = System.nanoTime() + patience.toNanos();
    pod.app().terminate();
    pod.app().reap(deadline);
    LocalProcess sidecar = pod.sidecar();
    if (sidecar != null) {
      sidecar.terminate();
      sidecar.reap(deadline);
    }
    status(pod, "Succeeded", false);
  }

  /** A sidecar that has ended, though nobody asked it to. */
  Optional<LocalProcess> dead() {
    return pods.stream()
        .map(RunningPod::sidecar)
        .filter(sidecar -> sidecar != null && !sidecar.isAlive())
        .findFirst();
  }

  List<RunningPod> pods() {
    return List.copyOf(pods);
  }

  /** Ends all pods: agents first, so that sidecars have nothing more to record. */
  void stop(Duration patience) throws InterruptedException {
    stopping = true;
    long deadline = System.nanoTime() + patience.toNanos();
    for (List<LocalProcess> group : List.of(agents(), sidecars())) {
      group.forEach(LocalProcess::terminate);
      for (LocalProcess process : group) {
        process.reap(deadline);
      }
    }
  }

  /** Ends them at once, where nothing that they would put in order is kept. */
  void kill() {
    stopping = true;
    agents().forEach(LocalProcess::kill);
    sidecars().forEach(LocalProcess::kill);
  }

  private List<LocalProcess> agents() {
    return pods.stream().filter(RunningPod::hasApp).map(RunningPod::app).toList();
  }

  private List<LocalProcess> sidecars() {
    return pods.stream().map(RunningPod::sidecar).filter(Objects::nonNull).toList();
  }
}

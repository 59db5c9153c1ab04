package dev.writ.cli.demo;

import dev.writ.cli.output.Screen;
import dev.writ.cli.output.Screen.Tone;
import dev.writ.contract.Names;
import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Namespace;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import java.util.function.UnaryOperator;

/**
 * The examples on a real cluster: applied, watched, and taken away again. Takes away what it made
 * and nothing else. Closing is for any thread, and once.
 */
final class ClusterStage implements AutoCloseable {
  private static final Duration PATIENCE = Duration.ofMinutes(5);
  private static final Duration GONE = Duration.ofMinutes(3);
  private static final long PAUSE_MILLIS = 500;
  private static final String WEBHOOK = "writ";
  private static final String NAMESPACES = "00-namespaces.yaml";

  private final KubernetesClient client;
  private final Helm helm;
  private final Path examples;
  private final Screen screen;
  private final Set<String> namespaces = new LinkedHashSet<>();
  private final Set<String> crds = new LinkedHashSet<>();
  private String system = Helm.NAMESPACE;
  private boolean installed;
  private boolean closed;

  ClusterStage(KubernetesClient client, Helm helm, Path examples, Screen screen) {
    this.client = client;
    this.helm = helm;
    this.examples = examples;
    this.screen = screen;
  }

  KubernetesClient client() {
    return client;
  }

  /** Namespace of the operator. */
  String system() {
    return system;
  }

  /** Installs the chart, unless Writ is there: then that is used, and left. */
  void install() throws IOException, InterruptedException, StoryFailure {
    String version = client.getKubernetesVersion().getGitVersion();
    screen.step(Tone.PLAIN, "Kubernetes " + version + " at " + client.getMasterUrl());
    var webhook =
        client.admissionRegistration().v1().mutatingWebhookConfigurations().withName(WEBHOOK).get();
    if (webhook != null) {
      system = webhook.getWebhooks().getFirst().getClientConfig().getService().getNamespace();
      screen.step(
          Tone.PLAIN, "Writ is installed in namespace " + system + ": it is used, and left");
      return;
    }
    for (String name : List.of("agentcapabilities.writ.dev", "callledgers.writ.dev")) {
      if (client.apiextensions().v1().customResourceDefinitions().withName(name).get() == null) {
        crds.add(name);
      }
    }
    boolean fresh = client.namespaces().withName(system).get() == null;
    synchronized (this) {
      installed = true;
      if (fresh) {
        namespaces.add(system);
      }
    }
    helm.install();
    screen.step(Tone.GOOD, "chart charts/writ runs in namespace " + system);
  }

  /**
   * Creates what manifests of the examples say, each object once, after the namespaces of their
   * folders.
   *
   * @param which of the objects
   * @param change of each before
   * @throws StoryFailure when a namespace is there that is not ours
   */
  void apply(Predicate<HasMetadata> which, UnaryOperator<HasMetadata> change, String... files)
      throws IOException, StoryFailure {
    for (String file : files) {
      for (HasMetadata object : load(examples.resolve(file).resolveSibling(NAMESPACES))) {
        if (object instanceof Namespace namespace) {
          create(namespace);
        }
      }
      for (HasMetadata object : load(examples.resolve(file))) {
        if (which.test(object)) {
          client.resource(change.apply(object)).create();
        }
      }
    }
  }

  private List<HasMetadata> load(Path file) throws IOException {
    try (var in = Files.newInputStream(file)) {
      return client.load(in).items();
    }
  }

  private synchronized void create(Namespace namespace) throws StoryFailure {
    String name = namespace.getMetadata().getName();
    if (namespaces.contains(name)) {
      return;
    }
    StoryFailure.unless(!closed, "interrupted");
    StoryFailure.unless(
        client.namespaces().withName(name).get() == null,
        "namespace "
            + name
            + " is there already, and the demo makes and removes one of that name: kubectl delete"
            + " namespace "
            + name
            + ", or take another cluster");
    client.resource(namespace).create();
    namespaces.add(name);
  }

  /** Waits until it shows. */
  <T> T await(String what, Stage.Look<T> look)
      throws IOException, StoryFailure, InterruptedException {
    long deadline = System.nanoTime() + PATIENCE.toNanos();
    while (true) {
      Optional<T> found = look.look();
      if (found.isPresent()) {
        return found.get();
      }
      if (System.nanoTime() > deadline) {
        throw new StoryFailure(
            what + ": not within " + PATIENCE.toMinutes() + " minutes" + stuck());
      }
      noImageIsMissing();
      Thread.sleep(PAUSE_MILLIS);
    }
  }

  private void noImageIsMissing() throws StoryFailure {
    for (Pod pod : pods()) {
      for (String reason : waiting(pod)) {
        StoryFailure.unless(
            !reason.startsWith("ErrImage") && !reason.startsWith("ImagePullBackOff"),
            "pod "
                + pod.getMetadata().getNamespace()
                + "/"
                + pod.getMetadata().getName()
                + ": "
                + reason
                + ". Build the images and load or push them: README.md, On a cluster");
      }
    }
  }

  private String stuck() {
    StringBuilder text = new StringBuilder();
    for (Pod pod : pods()) {
      for (String reason : waiting(pod)) {
        text.append("; pod ").append(pod.getMetadata().getName()).append(": ").append(reason);
      }
    }
    return text.toString();
  }

  private List<Pod> pods() {
    List<Pod> pods = new ArrayList<>();
    for (String namespace : List.copyOf(namespaces)) {
      pods.addAll(client.pods().inNamespace(namespace).list().getItems());
    }
    return pods;
  }

  private static List<String> waiting(Pod pod) {
    List<String> reasons = new ArrayList<>();
    var all = new ArrayList<>(pod.getStatus().getInitContainerStatuses());
    all.addAll(pod.getStatus().getContainerStatuses());
    for (var status : all) {
      if (status.getState() != null && status.getState().getWaiting() != null) {
        var waiting = status.getState().getWaiting();
        reasons.add(waiting.getReason() + " " + status.getImage());
      }
    }
    return reasons;
  }

  /** Waits for condition Ready of a capability. */
  void awaitReady(String namespace, String name)
      throws IOException, StoryFailure, InterruptedException {
    await(
        "AgentCapability " + namespace + "/" + name + " ready",
        () -> Optional.of(ready(namespace, name)).filter(ready -> ready.status().equals("True")));
  }

  Stage.Condition ready(String namespace, String name) {
    return Stage.ready(capability(namespace, name));
  }

  GenericKubernetesResource capability(String namespace, String name) {
    return client
        .genericKubernetesResources(Names.GROUP + "/" + Names.VERSION, "AgentCapability")
        .inNamespace(namespace)
        .withName(name)
        .require();
  }

  /** Waits for the pods of an app. */
  List<Pod> awaitPods(String namespace, String app, int count)
      throws IOException, StoryFailure, InterruptedException {
    return await(
        count + " pods of " + namespace + "/" + app,
        () ->
            Optional.of(
                    client.pods().inNamespace(namespace).withLabel("app", app).list().getItems())
                .filter(pods -> pods.size() == count));
  }

  /** Waits for a line of an agent's output that begins with a word, and returns what follows it. */
  String awaitLine(Pod pod, String word) throws IOException, StoryFailure, InterruptedException {
    return await(
        pod.getMetadata().getName() + " says \"" + word + "\"", () -> Stage.line(lines(pod), word));
  }

  /** What the agent said; nothing before it runs. */
  List<String> lines(Pod pod) {
    try {
      return client.pods().resource(pod).inContainer("agent").getLog().lines().toList();
    } catch (KubernetesClientException e) {
      if (e.getCode() == 400 || e.getCode() == 404) {
        return List.of();
      }
      throw e;
    }
  }

  /** Leaves everything where it is, and says how to take it away. */
  synchronized void keep() {
    closed = true;
    screen.title("It stays");
    screen.line("    kubectl get agentcapabilities -A");
    screen.line("    kubectl delete namespace " + String.join(" ", namespaces));
    if (installed) {
      screen.line("    helm -n " + system + " uninstall writ");
    }
  }

  /** Takes away what was made here. Says what it could not. */
  @Override
  public synchronized void close() {
    if (closed) {
      return;
    }
    closed = true;
    screen.step(Tone.PLAIN, "taking away what the demo made");
    try {
      List<String> examplesNamespaces = new ArrayList<>(namespaces);
      examplesNamespaces.remove(system);
      // While the operator runs: it revokes what goes.
      delete(examplesNamespaces);
      if (installed) {
        helm.uninstall();
        crds.forEach(
            name ->
                client.apiextensions().v1().customResourceDefinitions().withName(name).delete());
        delete(namespaces.contains(system) ? List.of(system) : List.of());
      }
    } catch (IOException | StoryFailure | KubernetesClientException e) {
      screen.step(Tone.BAD, "couldn't take everything away: " + e.getMessage());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void delete(List<String> names) throws InterruptedException, StoryFailure {
    names.forEach(name -> client.namespaces().withName(name).delete());
    long deadline = System.nanoTime() + GONE.toNanos();
    while (names.stream().anyMatch(name -> client.namespaces().withName(name).get() != null)) {
      StoryFailure.unless(System.nanoTime() < deadline, "still there: namespaces " + names);
      Thread.sleep(PAUSE_MILLIS);
    }
  }
}

package dev.writ.cli.cluster;

import dev.writ.contract.Names;
import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.NamespaceBuilder;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.api.model.batch.v1.Job;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;
import org.jspecify.annotations.Nullable;

/** API server, operator and pods on this machine's loopback addresses. */
public final class LocalCluster implements AutoCloseable {
  private static final String SYSTEM = "writ-system";
  private static final String CA_SECRET = "writ-ca";
  private static final String LOG_KEY_CONFIG_MAP = "writ-log-key";
  private static final int OPERATOR_PORT = 8443;
  private static final int OPERATOR_ADMIN_PORT = 8080;
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  /** Long enough for the operator to write its AOT cache. */
  private static final Duration STOP_PATIENCE = Duration.ofSeconds(30);

  private final Installation installation;
  private final RunFolder run;
  private final Loopback loopback;
  private final ApiServer apiServer;
  private final ServiceAccountTokens tokens;
  private final Network network;
  private @Nullable LocalProcess operator;
  private @Nullable Kubelet kubelet;

  private LocalCluster(
      Installation installation,
      RunFolder run,
      Loopback loopback,
      ApiServer apiServer,
      ServiceAccountTokens tokens) {
    this.installation = installation;
    this.run = run;
    this.loopback = loopback;
    this.apiServer = apiServer;
    this.tokens = tokens;
    this.network = new Network(apiServer.client());
  }

  /** Starts the API server alone. */
  public static LocalCluster start(Installation installation, RunFolder run, InstantSource clock)
      throws IOException {
    Loopback loopback = Loopback.free();
    ServiceAccountTokens tokens = new ServiceAccountTokens(clock);
    ApiServer apiServer = ApiServer.start(loopback, tokens);
    return new LocalCluster(installation, run, loopback, apiServer, tokens);
  }

  /** Starts the operator, and does not wait for it. */
  public void startOperator() throws IOException {
    apply(new NamespaceBuilder().withNewMetadata().withName(SYSTEM).endMetadata().build());
    Map<String, String> environment =
        Map.of(
            "WRIT_KUBE_URL",
            apiServer.url(),
            "WRIT_NAMESPACE",
            SYSTEM,
            "WRIT_LISTEN",
            loopback.operator() + ":" + OPERATOR_PORT,
            "WRIT_ADMIN",
            loopback.operator() + ":" + OPERATOR_ADMIN_PORT,
            "WRIT_DATA_DIR",
            data().toString(),
            "WRIT_SERVING_NAMES",
            loopback.operator(),
            "WRIT_SIDECAR_IMAGE",
            Installation.SIDECAR_IMAGE,
            "WRIT_OPERATOR_URL",
            operatorUrl());
    String temporary = run.folder("operator-tmp").toString();
    List<String> command =
        installation.operatorCommand().stream()
            .map(part -> part.replace(ContainerPlan.TEMPORARY, temporary))
            .toList();
    operator = LocalProcess.start("operator", command, environment, run);
  }

  /** Returns when the operator that was started is ready; from then on there can be pods. */
  public void awaitOperator() throws IOException, InterruptedException {
    Probes.awaitHttp(
        Objects.requireNonNull(operator, "the operator was not started"),
        loopback.operator(),
        OPERATOR_ADMIN_PORT,
        Names.READY_PATH,
        PATIENCE);
    kubelet = kubelet(URI.create(operatorUrl() + Names.ADMIT_PODS_PATH));
  }

  private String operatorUrl() {
    return "https://" + loopback.operator() + ":" + OPERATOR_PORT;
  }

  private Kubelet kubelet(URI webhook) throws IOException {
    return new Kubelet(
        client(),
        new Admission(webhook, trust()),
        new Volumes(client(), tokens),
        network,
        installation,
        loopback,
        run);
  }

  /**
   * Trust in the operator's own authority, as the caBundle of its webhook configuration gives it.
   */
  private SSLContext trust() throws IOException {
    Secret secret = client().secrets().inNamespace(SYSTEM).withName(CA_SECRET).get();
    if (secret == null) {
      throw new IOException("the operator made no Secret " + SYSTEM + "/" + CA_SECRET);
    }
    byte[] pem = Base64.getDecoder().decode(secret.getData().get(Names.TRUST_CA_KEY));
    try {
      KeyStore store = KeyStore.getInstance(KeyStore.getDefaultType());
      store.load(null, null);
      int number = 0;
      for (Certificate certificate :
          CertificateFactory.getInstance("X.509")
              .generateCertificates(new ByteArrayInputStream(pem))) {
        store.setCertificateEntry("ca" + number++, certificate);
      }
      var factory = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
      factory.init(store);
      SSLContext context = SSLContext.getInstance("TLS");
      context.init(null, factory.getTrustManagers(), null);
      return context;
    } catch (GeneralSecurityException e) {
      throw new IOException("the operator's authority cannot be used: " + e.getMessage(), e);
    }
  }

  /** Creates or replaces every object of a manifest; pods of workloads are started one by one. */
  public void apply(Path manifest) throws IOException {
    try (InputStream in = Files.newInputStream(manifest)) {
      client().load(in).items().forEach(this::apply);
    }
  }

  private void apply(HasMetadata object) {
    client().resource(object).createOr(existing -> existing.patch());
  }

  /** Starts one pod of a workload that was applied. */
  public RunningPod startPod(String namespace, String workload, int number)
      throws IOException, InterruptedException {
    return kubelet().run(pod(namespace, workload, number), false);
  }

  /**
   * Creates one pod of a workload that was applied, with its address; start its sidecars and then
   * its agent.
   */
  public RunningPod createPod(String namespace, String workload, int number)
      throws IOException, InterruptedException {
    return kubelet().create(pod(namespace, workload, number));
  }

  /** Starts the sidecars of a pod, and returns when they are ready. */
  public void startSidecars(RunningPod pod) throws IOException, InterruptedException {
    kubelet().startSidecars(pod, false);
  }

  /** Starts the agent of a pod, and returns when it listens. */
  public void startAgent(RunningPod pod) throws IOException, InterruptedException {
    kubelet().startAgent(pod, false);
  }

  /** Whether the AOT caches of sidecar and agents are missing or older than their jars. */
  public boolean needsTraining() {
    return installation.needsTraining();
  }

  /**
   * Starts a pod whose processes make the AOT caches when they end: let it work, then {@link
   * #complete} it.
   */
  public RunningPod startTrainingPod(String namespace, String workload, int number)
      throws IOException, InterruptedException {
    return kubelet().run(pod(namespace, workload, number), true);
  }

  private Pod pod(String namespace, String workload, int number) throws IOException {
    Deployment deployment =
        client().apps().deployments().inNamespace(namespace).withName(workload).get();
    if (deployment != null) {
      return Workloads.pod(deployment, deployment.getSpec().getTemplate(), number);
    }
    Job job = client().batch().v1().jobs().inNamespace(namespace).withName(workload).get();
    if (job == null) {
      throw new IOException("no Deployment or Job " + namespace + "/" + workload);
    }
    return Workloads.pod(job, job.getSpec().getTemplate(), number);
  }

  private Kubelet kubelet() {
    Kubelet running = kubelet;
    if (running == null) {
      throw new IllegalStateException("the operator was not started");
    }
    return running;
  }

  /** Ends a pod, its agent first. */
  public void complete(RunningPod pod) throws InterruptedException {
    kubelet().complete(pod, PATIENCE);
  }

  /**
   * From now on pods of this account reach a service ({@code service.namespace:port}) at another
   * address.
   */
  public void detour(String namespace, String account, String service, String address) {
    network.detour(namespace, account, service, address);
  }

  /** Makes the tokens new; call it more often than once an hour. */
  public void refreshTokens() throws IOException {
    Kubelet running = kubelet;
    if (running != null) {
      running.refreshVolumes();
    }
  }

  /**
   * Looks for processes that have ended by themselves.
   *
   * @throws ProcessFailure naming the first
   */
  public void check() throws ProcessFailure {
    LocalProcess process = operator;
    if (process != null && !process.isAlive()) {
      throw new ProcessFailure(process, "ended by itself");
    }
    Kubelet running = kubelet;
    if (running != null && running.dead().isPresent()) {
      throw new ProcessFailure(running.dead().get(), "ended by itself");
    }
  }

  /** The folder of the operator's data. */
  private Path data() throws IOException {
    return run.folder("records");
  }

  /** The folder of the operator's log. */
  public Path log() throws IOException {
    return data().resolve("log");
  }

  /** The verifier key of the log, as the operator published it. */
  public String logKey() throws IOException {
    ConfigMap published =
        client().configMaps().inNamespace(SYSTEM).withName(LOG_KEY_CONFIG_MAP).get();
    String key = published == null ? null : published.getData().get("key");
    if (key == null) {
      throw new IOException(
          "the operator published no ConfigMap " + SYSTEM + "/" + LOG_KEY_CONFIG_MAP);
    }
    return key;
  }

  /** Base URL of the API server. */
  public String apiServerUrl() {
    return apiServer.url();
  }

  public KubernetesClient client() {
    return apiServer.client();
  }

  public Loopback loopback() {
    return loopback;
  }

  /** Writes a kubeconfig for kubectl and {@code writ status}. */
  public void writeKubeconfig(Path file) throws IOException {
    apiServer.writeKubeconfig(file);
  }

  /** The pods that run. */
  public List<RunningPod> pods() {
    Kubelet running = kubelet;
    return running == null ? List.of() : running.pods();
  }

  /** Kills all processes, where nothing that they would put in order is kept. */
  public void kill() {
    Kubelet running = kubelet;
    if (running != null) {
      running.kill();
    }
    LocalProcess process = operator;
    if (process != null && !installation.operatorNeedsTraining()) {
      process.kill();
    }
  }

  /** Ends agents, sidecars, operator and API server, in this order. */
  @Override
  public void close() {
    try {
      Kubelet running = kubelet;
      if (running != null) {
        running.stop(Duration.ofSeconds(10));
      }
      LocalProcess process = operator;
      if (process != null) {
        process.terminate();
        process.reap(System.nanoTime() + STOP_PATIENCE.toNanos());
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      apiServer.close();
    }
  }
}

package dev.writ.operator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.writ.operator.config.Configuration;
import dev.writ.operator.tls.TestIssuer;
import io.fabric8.kubeapitest.junit.EnableKubeAPIServer;
import io.fabric8.kubeapitest.junit.KubeConfig;
import io.fabric8.kubernetes.api.model.NamespaceBuilder;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.SecretBuilder;
import io.fabric8.kubernetes.api.model.ServiceAccountBuilder;
import io.fabric8.kubernetes.api.model.admissionregistration.v1.MutatingWebhookConfiguration;
import io.fabric8.kubernetes.api.model.authorization.v1.SelfSubjectAccessReviewBuilder;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.ConfigBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.fabric8.kubernetes.client.utils.Serialization;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.ByteArrayInputStream;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLHandshakeException;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManagerFactory;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfEnvironmentVariable;
import org.junit.jupiter.api.io.TempDir;

/**
 * The webhook behind a certificate that somebody else issues, called by a real API server, with the
 * rights that the chart gives. The Secret has the form that cert-manager writes; the days of
 * overlap are set back.
 */
@EnabledIfEnvironmentVariable(named = "KUBE_API_TEST_DIR", matches = ".+")
@EnableKubeAPIServer
class IssuedCertificateIT {
  private static final String SYSTEM = "writ-system";
  private static final String SECRET = "writ-webhook-tls";
  private static final List<String> NAMES =
      List.of("writ-operator.writ-system.svc", "writ-webhook.writ-system.svc", "127.0.0.1");

  /** What ChartClusterIT has Helm make of the chart. */
  private static final Path CHART =
      Path.of("../e2e/src/test/resources/chart/out-cert-manager.yaml");

  private static final Set<String> RIGHTS =
      Set.of("Role", "RoleBinding", "ClusterRole", "ClusterRoleBinding");

  private static final String WEBHOOK =
      """
      apiVersion: admissionregistration.k8s.io/v1
      kind: MutatingWebhookConfiguration
      metadata: {name: writ}
      webhooks:
      - name: pods.writ.dev
        admissionReviewVersions: [v1]
        sideEffects: NoneOnDryRun
        timeoutSeconds: 5
        failurePolicy: Fail
        clientConfig: {url: "https://127.0.0.1:@PORT@/admit/pods"}
        rules: [{apiGroups: [""], apiVersions: [v1], operations: [CREATE], resources: [pods]}]
      """;

  @KubeConfig static String kubeConfig;
  @TempDir static Path data;
  private static KubernetesClient client;

  /** No more than the operator's service account. */
  private static KubernetesClient own;

  private static final ExecutorService BACKGROUND = Executors.newVirtualThreadPerTaskExecutor();

  @BeforeAll
  static void start() throws Exception {
    client = new KubernetesClientBuilder().withConfig(Config.fromKubeconfig(kubeConfig)).build();
    for (String name : List.of(SYSTEM, "plan")) {
      client
          .resource(new NamespaceBuilder().withNewMetadata().withName(name).endMetadata().build())
          .create();
      client
          .resource(
              new ServiceAccountBuilder()
                  .withNewMetadata()
                  .withNamespace(name)
                  .withName("default")
                  .endMetadata()
                  .build())
          .create();
    }
    for (String document : Files.readString(CHART).split("(?m)^---$", -1)) {
      if (RIGHTS.stream().anyMatch(kind -> document.contains("\nkind: " + kind + "\n"))
          && document.contains("\n  name: writ-operator\n")) {
        client
            .load(new ByteArrayInputStream(document.getBytes(StandardCharsets.UTF_8)))
            .items()
            .forEach(right -> client.resource(right).create());
      }
    }
    own =
        new KubernetesClientBuilder()
            .withConfig(
                new ConfigBuilder(Config.fromKubeconfig(kubeConfig))
                    .withImpersonateUsername("system:serviceaccount:writ-system:writ-operator")
                    .build())
            .build();
  }

  @AfterAll
  static void stop() {
    BACKGROUND.shutdownNow();
    if (client != null) {
      own.close();
      client.close();
    }
  }

  @Test
  void theIssuersSecretIsReadAndNotWrittenAndTheOwnAuthorityIsNotEvenRead() {
    for (String right :
        List.of("get " + SECRET, "get writ-serving-cert", "update writ-serving-cert")) {
      assertThat(allowed(right)).as(right).isTrue();
    }
    for (String right :
        List.of(
            "update " + SECRET,
            "patch " + SECRET,
            "delete " + SECRET,
            "get writ-ca",
            "update writ-ca",
            "get another",
            "delete writ-serving-cert")) {
      assertThat(allowed(right)).as(right).isFalse();
    }
  }

  private static boolean allowed(String right) {
    String[] words = right.split(" ", 2);
    return own.authorization()
        .v1()
        .selfSubjectAccessReview()
        .create(
            new SelfSubjectAccessReviewBuilder()
                .withNewSpec()
                .withNewResourceAttributes()
                .withNamespace(SYSTEM)
                .withResource("secrets")
                .withVerb(words[0])
                .withName(words[1])
                .endResourceAttributes()
                .endSpec()
                .build())
        .getStatus()
        .getAllowed();
  }

  @Test
  void itWaitsForTheSecretThenOutlivesEveryReplacementWithoutAFailedCreate() throws Exception {
    // Given
    int port = freePort();
    Readiness readiness = new Readiness();
    Future<Frontend> starting = BACKGROUND.submit(() -> start(port, readiness));
    // Then it says what it waits for
    await().until(() -> readiness.missing().contains("Secret " + SECRET + " is not there"));
    // When the issuer has not put its authority beside it
    TestIssuer first = new TestIssuer(Instant.now());
    Map<String, String> whole = first.secret(NAMES, Instant.now());
    write(Map.of("tls.key", whole.get("tls.key"), "tls.crt", whole.get("tls.crt"), "ca.crt", ""));
    // Then
    await().until(() -> readiness.missing().contains("no entry ca.crt"));
    assertThat(starting.isDone()).isFalse();
    // When it has
    write(whole);
    try (Frontend frontend = starting.get();
        Creates creates = new Creates(port, frontend)) {
      // Then
      X509Certificate served = peer(port, first.authorityPem());
      assertThat(published()).isEqualTo(first.authorityPem());
      creates.more();

      // When it is renewed
      write(first.secret(NAMES, Instant.now()));
      frontend.refresh();
      // Then
      X509Certificate renewed = peer(port, first.authorityPem());
      assertThat(renewed).isNotEqualTo(served);
      creates.more();

      // When the issuer changes its authority
      TestIssuer second = new TestIssuer(Instant.now());
      write(second.secret(NAMES, Instant.now()));
      frontend.refresh();
      // Then it is trusted, and who has not heard of it yet is served as before
      assertThat(published()).isEqualTo(first.authorityPem() + second.authorityPem());
      assertThat(peer(port, first.authorityPem())).isEqualTo(renewed);
      creates.more();
      // And a replica that starts meanwhile does the same
      int another = freePort();
      try (Frontend _ = start(another, new Readiness())) {
        assertThat(peer(another, first.authorityPem())).isEqualTo(renewed);
      }

      // When everybody has heard of it
      waited();
      frontend.refresh();
      // Then
      peer(port, second.authorityPem());
      assertThatThrownBy(() -> peer(port, first.authorityPem()))
          .isInstanceOf(SSLHandshakeException.class);
      assertThat(published()).isEqualTo(first.authorityPem() + second.authorityPem());
      creates.more();

      // When the former has been of no use for long enough
      waited();
      frontend.refresh();
      // Then
      assertThat(published()).isEqualTo(second.authorityPem());
      creates.more();

      // When the Secret is spoiled
      X509Certificate last = peer(port, second.authorityPem());
      write(second.secret(List.of("wrong.svc"), Instant.now()));
      frontend.refresh();
      // Then
      assertThat(peer(port, second.authorityPem())).isEqualTo(last);
      creates.more();
      assertThat(creates.failed).isEmpty();
    }
  }

  /** Pods that are created all the time, by dry runs, each asked for once. */
  private static final class Creates implements AutoCloseable {
    /** By itself the library would try again what the API server refused as a webhook failed. */
    private final KubernetesClient once =
        new KubernetesClientBuilder()
            .withConfig(
                new ConfigBuilder(Config.fromKubeconfig(kubeConfig))
                    .withRequestRetryBackoffLimit(0)
                    .build())
            .build();

    private final AtomicInteger done = new AtomicInteger();
    private final Queue<String> failed = new ConcurrentLinkedQueue<>();
    private final Future<?> loop;

    Creates(int port, Frontend frontend) {
      MutatingWebhookConfiguration webhook =
          Serialization.unmarshal(
              WEBHOOK.replace("@PORT@", "" + port), MutatingWebhookConfiguration.class);
      client.resource(webhook).create();
      frontend.refresh();
      // Some seconds until the API server looks at it.
      await().ignoreExceptions().until(() -> injected(create()));
      loop =
          BACKGROUND.submit(
              () -> {
                while (!Thread.currentThread().isInterrupted()) {
                  try {
                    if (!injected(create())) {
                      failed.add("not injected");
                    }
                  } catch (RuntimeException e) {
                    failed.add(String.valueOf(e.getMessage()));
                  }
                  done.incrementAndGet();
                }
              });
    }

    /** Waits until some more were created since. */
    void more() {
      int from = done.get();
      await().atMost(Duration.ofSeconds(60)).until(() -> done.get() >= from + 15);
      assertThat(failed).isEmpty();
    }

    private Pod create() {
      return once.resource(
              new PodBuilder()
                  .withNewMetadata()
                  .withNamespace("plan")
                  .withGenerateName("a-")
                  .addToAnnotations("writ.dev/inject", "enabled")
                  .endMetadata()
                  .withNewSpec()
                  .withServiceAccountName("default")
                  .addNewContainer()
                  .withName("app")
                  .withImage("app:1")
                  .endContainer()
                  .endSpec()
                  .build())
          .dryRun()
          .create();
    }

    private static boolean injected(Pod pod) {
      return pod.getMetadata().getLabels() != null
          && "true".equals(pod.getMetadata().getLabels().get("writ.dev/injected"));
    }

    @Override
    public void close() {
      loop.cancel(true);
      once.close();
    }
  }

  private static Frontend start(int port, Readiness readiness) throws Exception {
    Configuration configuration =
        Configuration.of(
            Map.of(
                "WRIT_NAMESPACE",
                SYSTEM,
                "WRIT_LISTEN",
                "127.0.0.1:" + port,
                "WRIT_DATA_DIR",
                data.toString(),
                "WRIT_SERVING_NAMES",
                "writ-webhook.writ-system.svc,127.0.0.1",
                "WRIT_SERVING_SECRET",
                SECRET,
                "WRIT_SIDECAR_IMAGE",
                "writ/sidecar:test"));
    return Frontend.start(
        configuration, client, Clock.systemUTC(), new SimpleMeterRegistry(), readiness);
  }

  private static void write(Map<String, String> entries) {
    Secret secret =
        new SecretBuilder()
            .withNewMetadata()
            .withNamespace(SYSTEM)
            .withName(SECRET)
            .endMetadata()
            .withType("kubernetes.io/tls")
            .withStringData(entries)
            .build();
    var there = client.secrets().inNamespace(SYSTEM).withName(SECRET);
    if (there.get() == null) {
      client.resource(secret).create();
    } else {
      there.edit(old -> new SecretBuilder(old).withStringData(entries).build());
    }
  }

  /** Sets the overlap's begin back. */
  private static void waited() {
    client
        .secrets()
        .inNamespace(SYSTEM)
        .withName("writ-serving-cert")
        .edit(
            old ->
                new SecretBuilder(old).addToStringData("changed", "2020-01-01T00:00:00Z").build());
  }

  /** What sidecars are told to trust, once the API server is told the same. */
  private static String published() {
    String mounted =
        client
            .configMaps()
            .inNamespace(SYSTEM)
            .withName("writ-trust")
            .get()
            .getData()
            .get("ca.crt");
    String bundle =
        client
            .admissionRegistration()
            .v1()
            .mutatingWebhookConfigurations()
            .withName("writ")
            .get()
            .getWebhooks()
            .getFirst()
            .getClientConfig()
            .getCaBundle();
    assertThat(new String(Base64.getDecoder().decode(bundle), StandardCharsets.US_ASCII))
        .isEqualTo(mounted);
    return mounted;
  }

  /** What is served to a client that trusts no more than this. */
  private static X509Certificate peer(int port, String trusted) throws Exception {
    KeyStore store = KeyStore.getInstance("PKCS12");
    store.load(null, null);
    for (Certificate authority :
        CertificateFactory.getInstance("X.509")
            .generateCertificates(
                new ByteArrayInputStream(trusted.getBytes(StandardCharsets.US_ASCII)))) {
      store.setCertificateEntry("ca" + store.size(), authority);
    }
    TrustManagerFactory trust = TrustManagerFactory.getInstance("PKIX");
    trust.init(store);
    SSLContext tls = SSLContext.getInstance("TLS");
    tls.init(null, trust.getTrustManagers(), null);
    try (SSLSocket socket = (SSLSocket) tls.getSocketFactory().createSocket("127.0.0.1", port)) {
      socket.startHandshake();
      return (X509Certificate) socket.getSession().getPeerCertificates()[0];
    }
  }

  private static int freePort() throws Exception {
    try (ServerSocket socket = new ServerSocket(0)) {
      return socket.getLocalPort();
    }
  }
}

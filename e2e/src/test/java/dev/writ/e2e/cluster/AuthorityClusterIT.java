package dev.writ.e2e.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Whoever vouches for the operator is replaced under running pods, while others are created. The
 * days of overlap are made short by setting back the time of the last step.
 */
class AuthorityClusterIT {
  private static final String OWN = "writ-ca";
  private static final String SERVED = "writ-serving-cert";
  private static final String LONG_AGO = "2020-01-01T00:00:00Z";
  private static final String OPERATOR = "system:serviceaccount:writ-system:writ-operator";

  /** Of cert-manager no more than its kind: the tests play its controller. */
  private static final String CERTIFICATES =
      """
      apiVersion: apiextensions.k8s.io/v1
      kind: CustomResourceDefinition
      metadata: {name: certificates.cert-manager.io}
      spec:
        group: cert-manager.io
        scope: Namespaced
        names: {kind: Certificate, listKind: CertificateList, plural: certificates, singular: certificate}
        versions:
        - name: v1
          served: true
          storage: true
          schema: {openAPIV3Schema: {type: object, x-kubernetes-preserve-unknown-fields: true}}
      """;

  private static Cluster cluster;
  private static TestNamespace test;

  @BeforeAll
  static void start() {
    cluster = Cluster.installed();
    test = cluster.namespace("authority");
    test.ledgerAndCaller(1);
  }

  @AfterAll
  static void stop() {
    test.close();
  }

  @Test
  void theNextAuthorityIsTrustedThenSignsThenIsAlone() {
    try (DryRuns creates = DryRuns.in(test)) {
      // Given
      String first = entry(OWN, "tls.crt");
      String serving = entry(SERVED, "tls.crt");
      // When an administrator asks
      patch(OWN, "rotate", "now");
      // Then the next is trusted by the API server and by every sidecar, and does not sign yet
      trusted(2);
      assertThat(entry(OWN, "tls.crt")).isEqualTo(first);
      assertThat(entry(SERVED, "tls.crt")).isEqualTo(serving);
      creates.more();
      // And after the overlap it signs, while the former is trusted
      overlapPasses();
      Cluster.await("another serving certificate", () -> !entry(SERVED, "tls.crt").equals(serving));
      assertThat(entry(OWN, "tls.crt")).isNotEqualTo(first);
      assertThat(certificates(entry(SERVED, "ca.crt"))).isEqualTo(2);
      creates.more();
      // And all goes on: a new pod, and the links of those that run
      newPodsCall();
      suspend(true);
      // The caller has no contract any more, or the gate has heard that it is revoked.
      Cluster.await(
          "a revocation arrives",
          () -> test.transfer(1).text().matches("(?s).*\"code\":\"(revoked|missing-contract)\".*"));
      suspend(false);
      // And after another overlap it is alone
      overlapPasses();
      trusted(1);
      creates.more();
      creates.atLeast(100);
    }
  }

  @Test
  void anIssuerOfTheClusterTakesOverAndGivesBack(@TempDir Path folder) {
    // Given
    Issuer issuer = new Issuer(folder);
    cluster.apply(CERTIFICATES);
    cluster.kubectl(
        "wait", "--for=condition=Established", "crd/certificates.cert-manager.io", "--timeout=60s");
    String own = entry(SERVED, "tls.crt");
    boolean back = false;
    try (DryRuns creates = DryRuns.in(test)) {
      // When the chart is told to have the certificate issued
      CompletableFuture<Void> upgrade =
          CompletableFuture.runAsync(
              () ->
                  cluster.install(
                      "--set",
                      "webhook.certManager.enabled=true",
                      "--set",
                      "webhook.certManager.issuerRef.name=test"),
              // Not in the common pool: on two processors that is one thread, and the clients of
              // this JVM hand over their answers in it.
              task -> Thread.ofPlatform().start(task));
      // Then it asks for it, and new replicas say what they wait for
      Cluster.await("a Certificate", () -> !asked("secretName").isBlank());
      String secret = asked("secretName");
      List<String> names = List.of(asked("dnsNames[*]").strip().split(" ", -1));
      assertThat(asked("privateKey.algorithm") + asked("privateKey.encoding"))
          .isEqualTo("ECDSAPKCS8");
      Cluster.await("a replica that waits", () -> log().contains("Secret " + secret + " is not"));
      creates.more();
      // When it is issued
      write(secret, issuer.issue(names));
      upgrade.join();
      // Then its authority is trusted, and those who don't know that yet are served as before
      trusted(2);
      assertThat(entry(SERVED, "tls.crt")).isEqualTo(own);
      assertThat(may("get", "writ-ca")).isEqualTo("no");
      assertThat(may("get", secret)).isEqualTo("yes");
      assertThat(may("update", secret)).isEqualTo("no");
      // And after the overlap it is served, and after another alone
      overlapPasses();
      Cluster.await(
          "the issued certificate",
          () -> entry(SERVED, "tls.crt").equals(entry(secret, "tls.crt")));
      newPodsCall();
      overlapPasses();
      trusted(1);
      creates.more();
      // When it is renewed
      write(secret, issuer.issue(names));
      // Then
      Cluster.await(
          "the renewed certificate",
          () -> entry(SERVED, "tls.crt").equals(entry(secret, "tls.crt")));
      creates.more();
      // When the operator is to see to it itself again
      cluster.install();
      back = true;
      trusted(2);
      assertThat(entry(SERVED, "tls.crt")).isEqualTo(entry(secret, "tls.crt"));
      overlapPasses();
      // Then
      Cluster.await(
          "a certificate of its own",
          () -> !entry(SERVED, "tls.crt").equals(entry(secret, "tls.crt")));
      newPodsCall();
      overlapPasses();
      trusted(1);
      creates.more();
      cluster.kubectl("-n", Cluster.SYSTEM, "delete", "secret", secret);
    } finally {
      if (!back) {
        cluster.install();
      }
      cluster.kubectlTry("delete", "crd", "certificates.cert-manager.io");
    }
  }

  @Test
  void afterALostServingCertificateThereIsAnother() {
    try (DryRuns creates = DryRuns.in(test)) {
      // Given
      String before = entry(SERVED, "tls.crt");
      // When
      cluster.kubectl("-n", Cluster.SYSTEM, "delete", "secret", SERVED);
      // Then
      Cluster.await(
          "a new serving certificate",
          () -> {
            String now = entry(SERVED, "tls.crt");
            return !now.isBlank() && !now.equals(before);
          });
      creates.more();
    }
  }

  /** Waits until API server and sidecars were told of so many authorities. */
  private static void trusted(int authorities) {
    Cluster.await(
        authorities + " authorities", () -> certificates(entry(SERVED, "ca.crt")) == authorities);
    Cluster.await(
        authorities + " authorities for the API server",
        () -> certificates(bundle()) == authorities);
    Cluster.await(
        authorities + " authorities in a sidecar",
        () -> {
          // Else the kubelet looks at what it mounted once in a minute.
          test.kubectl(
              "annotate",
              "pods",
              "--all",
              "--overwrite",
              "example.com/looked-at=" + System.nanoTime());
          return certificates(mounted()) == authorities;
        });
  }

  /** As if a day had gone by since the last step. */
  private static void overlapPasses() {
    patch(OWN, "changed", LONG_AGO);
    patch(SERVED, "changed", LONG_AGO);
  }

  private static void newPodsCall() {
    test.kubectl("rollout", "restart", "deployment/caller");
    test.rolledOut("caller");
    Cluster.await("calls of the new pod", () -> test.transfer(1).status() == 201);
  }

  private static void suspend(boolean suspended) {
    test.kubectl(
        "patch",
        "acap",
        "caller-may-transfer",
        "--type=merge",
        "-p",
        "{\"spec\":{\"suspend\":" + suspended + "}}");
  }

  private static String asked(String field) {
    return cluster
        .kubectlTry(
            "-n",
            Cluster.SYSTEM,
            "get",
            "certificates.cert-manager.io",
            "writ-webhook",
            "-o",
            "jsonpath={.spec." + field + "}")
        .out();
  }

  private static String log() {
    return cluster
        .kubectlTry(
            "-n",
            Cluster.SYSTEM,
            "logs",
            "-l",
            "app.kubernetes.io/component=operator",
            "--tail=-1",
            "--ignore-errors")
        .out();
  }

  /** The API server's answer: yes or no. */
  private static String may(String verb, String secret) {
    return cluster
        .kubectlTry(
            "-n", Cluster.SYSTEM, "auth", "can-i", verb, "secret/" + secret, "--as", OPERATOR)
        .out()
        .strip();
  }

  private static void write(String secret, Map<String, String> entries) {
    StringBuilder yaml = new StringBuilder();
    yaml.append("apiVersion: v1\nkind: Secret\ntype: kubernetes.io/tls\n");
    yaml.append("metadata: {name: %s, namespace: %s}\n".formatted(secret, Cluster.SYSTEM));
    yaml.append("data:\n");
    entries.forEach(
        (name, value) ->
            yaml.append("  ")
                .append(name)
                .append(": ")
                .append(
                    Base64.getEncoder().encodeToString(value.getBytes(StandardCharsets.US_ASCII)))
                .append('\n'));
    cluster.apply(yaml.toString());
  }

  private static void patch(String secret, String entry, String value) {
    cluster.kubectl(
        "-n",
        Cluster.SYSTEM,
        "patch",
        "secret",
        secret,
        "-p",
        String.format(Locale.ROOT, "{\"stringData\":{\"%s\":\"%s\"}}", entry, value));
  }

  /** Empty where there is no such Secret. */
  private static String entry(String secret, String name) {
    return decoded(
        cluster
            .kubectlTry(
                "-n",
                Cluster.SYSTEM,
                "get",
                "secret",
                secret,
                "-o",
                "jsonpath={.data." + name.replace(".", "\\.") + "}")
            .out());
  }

  private static String bundle() {
    return decoded(
        cluster.kubectl(
            "get",
            "mutatingwebhookconfiguration",
            "writ",
            "-o",
            "jsonpath={.webhooks[0].clientConfig.caBundle}"));
  }

  private static String mounted() {
    return test.kubectl(
        "exec", "deployment/ledger", "-c", "writ-sidecar", "--", "cat", "/etc/writ/trust/ca.crt");
  }

  private static String decoded(String base64) {
    return new String(Base64.getDecoder().decode(base64.strip()), StandardCharsets.US_ASCII);
  }

  private static long certificates(String pem) {
    return pem.lines().filter(line -> line.contains("BEGIN CERTIFICATE")).count();
  }
}

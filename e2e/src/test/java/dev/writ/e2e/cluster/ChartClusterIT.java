package dev.writ.e2e.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * What the chart renders, beside what it does: {@code in-*.yaml} are values, {@code out-*.yaml} all
 * but the CRDs. {@code -Dwrit.golden=write} writes the latter anew. Needs helm, and no cluster.
 */
class ChartClusterIT {
  private static final Path CASES = Cluster.ROOT.resolve("e2e/src/test/resources/chart");
  private static final String CHART = Cluster.ROOT.resolve("charts/writ").toString();

  private static Command helm(String... arguments) {
    return Command.run(null, Duration.ofMinutes(1), Command.join(new String[] {"helm"}, arguments));
  }

  private static Command render(String... more) {
    return helm(
        Command.join(
            new String[] {
              "template", "writ", CHART, "--namespace", "writ-system", "--kube-version", "1.34.0"
            },
            more));
  }

  static List<Path> cases() throws IOException {
    try (Stream<Path> files = Files.list(CASES)) {
      return files
          .filter(file -> file.getFileName().toString().startsWith("in-"))
          .sorted()
          .toList();
    }
  }

  @Test
  void lintHasNothingToSay() {
    // When
    Command lint = helm("lint", "--strict", CHART);
    // Then
    assertThat(lint.code()).as(lint.out() + lint.err()).isZero();
  }

  @ParameterizedTest
  @MethodSource("cases")
  void theChartRendersWhatItDidBefore(Path in) throws IOException {
    // When
    String rendered = withoutCrds(render("--values", in.toString()).output());
    // Then
    Path out = in.resolveSibling(in.getFileName().toString().replaceFirst("^in-", "out-"));
    if ("write".equals(System.getProperty("writ.golden"))) {
      Files.writeString(out, rendered);
    }
    assertThat(rendered).isEqualTo(Files.readString(out));
  }

  @Test
  void everyFileOfTheCasesIsRead() throws IOException {
    // When
    try (Stream<Path> files = Files.list(CASES)) {
      // Then
      assertThat(files.map(file -> file.getFileName().toString()))
          .allMatch(
              name ->
                  name.startsWith("in-")
                      || Files.exists(CASES.resolve(name.replaceFirst("^out-", "in-"))));
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "replica=3",
        "images.operator.taag=1",
        "replicas=0",
        "data.kind=disk",
        "data.claim.accessMode=ReadWriteOncePod",
        "images.registry=registry.example.com",
        "issuer.keyLifetimeDays=0",
        "issuer.pkcs11.pin=1234",
        "issuer.pkcs11.library=libsofthsm2.so",
        "log.stor=s3://writ-log",
        "log.store=/var/log",
        "log.keepDays=-1",
        "log.s3.endpoint=https://user:password@store.example.com",
        "metrics.serviceMonitor.enable=true",
        "webhook.certManager.enable=true",
        "webhook.certManager.secretName=writ-ca",
        "webhook.certManager.secretName=Webhook",
        "webhook.certManager.duration=90d",
        "webhook.certManager.issuerRef.nam=company"
      })
  void aMistakeInTheValuesIsRefused(String value) {
    // When
    Command refused = render("--set", value);
    // Then
    assertThat(refused.code()).isNotZero();
    assertThat(refused.err()).contains("don't meet the specifications of the schema");
  }

  @Test
  void replicasDoNotEachKeepALogOfTheirOwn() {
    // When
    Command refused = render("--set", "data.kind=emptyDir");
    // Then
    assertThat(refused.code()).isNotZero();
    assertThat(refused.err()).contains("write replicas: 1");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "issuer.pkcs11.token=writ | library, token and pinSecret",
        "log.store=s3://writ-log | log.s3.region",
        "log.archive=s3://writ-archive | log.keepDays"
      })
  void whatAValueNeedsBesideItIsAskedFor(String value, String missing) {
    // When
    Command refused = render("--set", value);
    // Then
    assertThat(refused.code()).isNotZero();
    assertThat(refused.err()).contains(missing);
  }

  @Test
  void anIssuedCertificateNeedsAnIssuerUnlessTheSecretIsMadeOtherwise() {
    // When
    Command refused = render("--set", "webhook.certManager.enabled=true");
    Command otherwise =
        render(
            "--set",
            "webhook.certManager.enabled=true",
            "--set",
            "webhook.certManager.certificate=false");
    // Then
    assertThat(refused.code()).isNotZero();
    assertThat(refused.err()).contains("webhook.certManager.issuerRef.name");
    assertThat(otherwise.output())
        .doesNotContain("cert-manager.io")
        .contains("{name: WRIT_SERVING_SECRET, value: \"writ-webhook-tls\"}");
  }

  @Test
  void crdsAreThoseOfTheSourcesAndStay() throws IOException {
    // When
    String rendered = render().output();
    // Then
    assertThat(rendered).contains("name: agentcapabilities.writ.dev", "name: callledgers.writ.dev");
    for (String document : rendered.split("\n---\n", -1)) {
      if (document.contains("kind: CustomResourceDefinition")) {
        assertThat(document).contains("helm.sh/resource-policy: keep");
      }
    }
  }

  @Test
  void noRightIsAWildcardAndSecretsAreReadInOneNamespaceAlone() {
    // When
    String rendered = withoutCrds(render().output());
    // Then
    for (String document : rendered.split("\n---\n", -1)) {
      if (document.contains("kind: ClusterRole\n") || document.contains("kind: Role\n")) {
        assertThat(document).doesNotContain("*");
      }
      if (document.contains("kind: ClusterRole\n") && document.contains("name: writ-operator\n")) {
        assertThat(document).doesNotContain("secrets");
      }
      if (document.contains("kind: ClusterRoleBinding\n")) {
        assertThat(document).doesNotContain("writ-contract-secrets");
      }
    }
  }

  private static String withoutCrds(String rendered) {
    StringBuilder rest = new StringBuilder();
    for (String document : rendered.split("(?m)^---\n", -1)) {
      if (!document.isBlank() && !document.contains("kind: CustomResourceDefinition")) {
        rest.append("---\n").append(document);
      }
    }
    return rest.toString();
  }
}

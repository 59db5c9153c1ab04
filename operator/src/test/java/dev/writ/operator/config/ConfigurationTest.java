package dev.writ.operator.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.writ.audit.note.VerifierKey;
import dev.writ.contract.key.PrivateKey;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ConfigurationTest {
  private static final Map<String, String> LEAST =
      Map.of(
          "WRIT_NAMESPACE",
          "writ-system",
          "WRIT_DATA_DIR",
          "/var/lib/writ",
          "WRIT_SIDECAR_IMAGE",
          "writ/sidecar:1");

  private static Map<String, String> with(String name, String value) {
    Map<String, String> environment = new HashMap<>(LEAST);
    environment.put(name, value);
    return environment;
  }

  @Test
  void theRestHasDefaults() throws Exception {
    // When
    Configuration configuration = Configuration.of(LEAST);
    // Then
    assertThat(configuration)
        .isEqualTo(
            new Configuration(
                Optional.empty(),
                "writ-system",
                new HostPort("::", 8443),
                new HostPort("::", 8080),
                Path.of("/var/lib/writ"),
                LogSettings.in(Path.of("/var/lib/writ/log")),
                "cluster.local",
                List.of(),
                Optional.empty(),
                Duration.ofDays(30),
                Optional.empty(),
                "writ/sidecar:1",
                URI.create("https://writ-operator.writ-system.svc:443"),
                Optional.empty()));
  }

  @Test
  void aTokenNeedsAllOfItsVariablesAndALifetimeAnHour() throws Exception {
    // Given
    Map<String, String> token = with("WRIT_PKCS11_LIBRARY", "/lib/hsm.so");
    token.put("WRIT_PKCS11_TOKEN", "writ");
    // Then
    assertThatThrownBy(() -> Configuration.of(token))
        .isInstanceOf(ConfigurationException.class)
        .hasMessageContaining("WRIT_PKCS11_PIN_FILE");
    // When
    token.put("WRIT_PKCS11_PIN_FILE", "/secret/pin");
    // Then
    assertThat(Configuration.of(token).token())
        .hasValue(new Configuration.Token(Path.of("/lib/hsm.so"), "writ", Path.of("/secret/pin")));
    assertThat(Configuration.of(with("WRIT_KEY_LIFETIME", "90m")).keyLifetime())
        .isEqualTo(Duration.ofMinutes(90));
    for (String bad : List.of("59m", "0d", "30", "1y", "-1d", "9999999d", "")) {
      assertThatThrownBy(() -> Configuration.of(with("WRIT_KEY_LIFETIME", bad)))
          .isInstanceOf(ConfigurationException.class)
          .hasMessageContaining("WRIT_KEY_LIFETIME");
    }
  }

  @Test
  void witnessesAreUrlsWithKeysAndMoreThanHalfOfThemAreAQuorum() throws Exception {
    // Given
    String first = key(VerifierKey.Type.COSIGNATURE);
    String second = key(VerifierKey.Type.COSIGNATURE);
    String both = "https://w1.example/a " + first + ", https://w2.example " + second;
    // When
    LogSettings log = Configuration.of(with("WRIT_LOG_WITNESSES", both)).log();
    // Then
    assertThat(log.quorum()).isEqualTo(2);
    assertThat(log.witnesses())
        .extracting(witness -> witness.prefix() + " " + witness.key())
        .containsExactly("https://w1.example/a " + first, "https://w2.example " + second);
    for (String bad :
        List.of(
            "https://w " + key(VerifierKey.Type.LOG),
            both + ",",
            both + ", https://w3.example " + first,
            "ftp://w " + first)) {
      assertThatThrownBy(() -> Configuration.of(with("WRIT_LOG_WITNESSES", bad)))
          .isInstanceOf(ConfigurationException.class)
          .hasMessageStartingWith("WRIT_LOG_WITNESSES: ");
    }
    for (String bad : List.of("0", "3", "two")) {
      Map<String, String> environment = new HashMap<>(with("WRIT_LOG_WITNESSES", both));
      environment.put("WRIT_LOG_QUORUM", bad);
      assertThatThrownBy(() -> Configuration.of(environment)).hasMessageContaining("is not 1 to 2");
    }
  }

  @Test
  void aLogMayLieInABucketAndItsOldEntriesInAnother() throws Exception {
    // Given
    Map<String, String> environment = with("WRIT_LOG_STORE", "s3://writ-log/prod/");
    environment.put("WRIT_LOG_S3_ENDPOINT", "https://store.example:9000");
    environment.put("WRIT_LOG_KEEP", "400d");
    environment.put("WRIT_LOG_KEY_LIFETIME", "365d");
    environment.put("WRIT_LOG_ARCHIVE", "s3://writ-archive");
    // When
    LogSettings log = Configuration.of(environment).log();
    // Then
    Optional<URI> endpoint = Optional.of(URI.create("https://store.example:9000"));
    assertThat(log.store())
        .isEqualTo(new LogPlace.Bucket("writ-log", "prod/", "us-east-1", endpoint))
        .hasToString("s3://writ-log/prod/");
    assertThat(log.keyLifetime()).hasValue(Duration.ofDays(365));
    assertThat(log.retention())
        .hasValue(
            new LogSettings.Retention(
                Duration.ofDays(400),
                Optional.of(new LogPlace.Bucket("writ-archive", "", "us-east-1", endpoint))));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "s3://Writ_Log                  | lower-case",
        "s3://                          | special",
        "s3://writ-log?x=y              | a prefix has",
        "s3://writ-log/a/../b           | a prefix has",
        "s3:/writ-log                   | lower-case",
        "s3://user:password@writ-log    | lower-case",
        "log                            | neither an absolute folder",
        "https://store/writ-log         | neither an absolute folder"
      })
  void aPlaceOfTheLogThatIsNoneSaysWhatToWrite(String place, String said) {
    Map<String, String> environment = with("WRIT_LOG_STORE", place);
    environment.put("WRIT_LOG_S3_REGION", "eu-central-1");
    assertThatThrownBy(() -> Configuration.of(environment))
        .isInstanceOf(ConfigurationException.class)
        .hasMessageStartingWith("WRIT_LOG_S")
        .satisfies(e -> assertThat(e.getMessage()).containsAnyOf(said, "the log is in no bucket"));
  }

  @Test
  void aBucketNeedsARegionAndNoSecretIsWrittenIntoAUrl() {
    assertThatThrownBy(() -> Configuration.of(with("WRIT_LOG_STORE", "s3://writ-log")))
        .hasMessageContaining("WRIT_LOG_S3_REGION")
        .hasMessageContaining("WRIT_LOG_S3_ENDPOINT");
    assertThatThrownBy(
            () -> Configuration.of(with("WRIT_LOG_OTLP_URL", "https://me:hidden@collector/v1")))
        .hasMessageStartingWith("WRIT_LOG_OTLP_URL")
        .satisfies(e -> assertThat(e.getMessage()).doesNotContain("hidden"));
  }

  private static String key(VerifierKey.Type type) {
    return new VerifierKey("w.example/1", type, PrivateKey.generate().publicKey()).toString();
  }

  @Test
  void whatIsNotOursIsNotLookedAt() throws Exception {
    assertThat(Configuration.of(with("PATH", "anything"))).isEqualTo(Configuration.of(LEAST));
  }

  @ParameterizedTest
  @ValueSource(strings = {"WRIT_NAMESPACE", "WRIT_DATA_DIR", "WRIT_SIDECAR_IMAGE"})
  void aMissingOneIsNamed(String name) {
    Map<String, String> environment = new HashMap<>(LEAST);
    environment.remove(name);
    assertThatThrownBy(() -> Configuration.of(environment))
        .isInstanceOf(ConfigurationException.class)
        .hasMessage(name + " is not set");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = ' ',
      value = {
        "WRIT_UNKNOWN x",
        "WRIT_LISTENN 1:1",
        "WRIT_NAMESPACE Writ",
        "WRIT_LISTEN 8443",
        "WRIT_LISTEN ::1:8443",
        "WRIT_LISTEN a:70000",
        "WRIT_ADMIN a:b",
        "WRIT_TRUST_DOMAIN Cluster.Local",
        "WRIT_SERVING_NAMES a,,b",
        "WRIT_SERVING_NAMES a/b",
        "WRIT_SERVING_SECRET Writ",
        "WRIT_SERVING_SECRET writ-ca",
        "WRIT_SERVING_SECRET writ-serving-cert",
        "WRIT_SERVING_SECRET writ-issuer-keys",
        "WRIT_OPERATOR_URL http://o:443",
        "WRIT_OPERATOR_URL https://o",
        "WRIT_OPERATOR_URL https://o:443/x",
        "WRIT_OPERATOR_URL https://u@o:443",
        "WRIT_LOG_WITNESSES https://w",
        "WRIT_LOG_WITNESSES 'https://w nonsense'",
        "WRIT_LOG_QUORUM 1",
        "WRIT_LOG_S3_REGION eu-central-1",
        "WRIT_LOG_KEEP 12h",
        "WRIT_LOG_KEEP 0d",
        "WRIT_LOG_KEY_LIFETIME 12h",
        "WRIT_LOG_KEY_LIFETIME never",
        "WRIT_LOG_ARCHIVE /archive",
        "WRIT_LOG_CLOUDEVENTS_URL events.example.com",
        "WRIT_KUBE_URL ftp://o",
        "WRIT_KUBE_URL nonsense",
        "WRIT_SIDECAR_IMAGE ''"
      })
  void aBadOneIsNamed(String name, String value) {
    assertThatThrownBy(() -> Configuration.of(with(name, value)))
        .isInstanceOf(ConfigurationException.class)
        .hasMessageStartingWith(name);
  }

  @Test
  void addressesPrintAsTheyAreWritten() {
    assertThat(HostPort.parse("[::]:1")).hasToString("[::]:1");
    assertThat(HostPort.parse("127.0.0.1:65535")).hasToString("127.0.0.1:65535");
  }
}

package dev.writ.operator.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.URI;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
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
                java.util.Optional.empty(),
                "writ-system",
                new HostPort("::", 8443),
                new HostPort("::", 8080),
                Path.of("/var/lib/writ"),
                "cluster.local",
                List.of(),
                java.time.Duration.ofDays(30),
                java.util.Optional.empty(),
                "writ/sidecar:1",
                URI.create("https://writ-operator.writ-system.svc:443"),
                java.util.Optional.empty()));
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
        .isEqualTo(java.time.Duration.ofMinutes(90));
    for (String bad : List.of("59m", "0d", "30", "1y", "-1d", "9999999d", "")) {
      assertThatThrownBy(() -> Configuration.of(with("WRIT_KEY_LIFETIME", bad)))
          .isInstanceOf(ConfigurationException.class)
          .hasMessageContaining("WRIT_KEY_LIFETIME");
    }
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
        "WRIT_OPERATOR_URL http://o:443",
        "WRIT_OPERATOR_URL https://o",
        "WRIT_OPERATOR_URL https://o:443/x",
        "WRIT_OPERATOR_URL https://u@o:443",
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

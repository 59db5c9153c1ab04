package dev.writ.sidecar;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.writ.contract.verify.Protocol;
import dev.writ.sidecar.Configuration.Cluster;
import dev.writ.sidecar.Configuration.Enforcement;
import dev.writ.sidecar.Configuration.Standalone;
import dev.writ.sidecar.capture.CaptureSettings;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Each variable, right and wrong; the message names it. */
final class EnvironmentTest {
  private static Map<String, String> standalone() {
    Map<String, String> variables = new TreeMap<>();
    variables.put("WRIT_MODE", "standalone");
    variables.put(
        "WRIT_SERVICES",
        "spiffe://cluster.local/ns/bank/svc/a,spiffe://cluster.local/ns/bank/svc/b");
    variables.put("WRIT_LISTEN", "0.0.0.0:80,[::]:81");
    variables.put("WRIT_UPSTREAM", "127.0.0.1:8080,[::1]:8081");
    variables.put("WRIT_TRUST_FILE", "/trust.json");
    variables.put("WRIT_STATE_DIR", "/state");
    return variables;
  }

  private static Map<String, String> cluster() {
    Map<String, String> variables = new TreeMap<>();
    variables.put("WRIT_MODE", "cluster");
    variables.put("WRIT_LISTEN", "[::]:8080");
    variables.put("WRIT_UPSTREAM", "127.0.0.1:8080");
    variables.put("WRIT_PORTS", "8080");
    variables.put("WRIT_STATE_DIR", "/state");
    variables.put("WRIT_OPERATOR", "https://writ.writ-system:8443");
    variables.put("WRIT_TOKEN_FILE", "/token");
    variables.put("WRIT_CA_FILE", "/ca.crt");
    variables.put("WRIT_POD_NAMESPACE", "bank");
    variables.put("WRIT_POD_NAME", "ledger-0");
    variables.put("WRIT_POD_UID", "1f0c2a9e-0b1d-4e57-9a55-2f5d8a6f3b11");
    return variables;
  }

  @Test
  void theLeastOfStandaloneIsRead() throws Exception {
    Map<String, String> variables = standalone();
    variables.put("PATH", "/bin");

    Configuration configuration = Environment.read(variables);

    assertThat(configuration.guards().get(1).listen()).isEqualTo(new Address("::", 81));
    assertThat(configuration.guards().get(1).upstream()).hasToString("[::1]:8081");
    assertThat(configuration.enforcement()).isEqualTo(Enforcement.ENFORCE);
    assertThat(configuration.bodyLimit()).isEqualTo(1 << 20);
    assertThat(configuration.answers()).isEqualTo(new Configuration.Answers(0, 3_600, false));
    assertThat(((Standalone) configuration.source()).protocols())
        .containsExactly(Protocol.HTTP, Protocol.HTTP);
  }

  @Test
  void whatTheKubeletSetsForAServiceOfThatNameIsNoVariableOfOurs() throws Exception {
    Map<String, String> variables = cluster();
    for (String name :
        new String[] {
          "WRIT_PORT",
          "WRIT_SERVICE_HOST",
          "WRIT_DEMO_SERVICE_PORT_HTTP",
          "WRIT_DEMO_PORT_80_TCP",
          "WRIT_DEMO_PORT_80_TCP_ADDR"
        }) {
      variables.put(name, "10.96.0.9");
    }

    assertThat(Environment.read(variables).guards()).hasSize(1);
  }

  @Test
  void allOfClusterCaptureIsRead() throws Exception {
    Map<String, String> variables = cluster();
    variables.put("WRIT_CAPTURE", "loopback");
    variables.put("WRIT_EXPOSED", "refuse");
    variables.put("WRIT_PROBE_LISTEN", "[::]:15091");
    variables.put(
        "WRIT_PROBES",
        "[{\"path\":\"/a/startupProbe\",\"kind\":\"tcp\",\"port\":1,\"seconds\":1}]");

    CaptureSettings capture = Environment.read(variables).capture();

    assertThat(capture.mode()).isEqualTo(CaptureSettings.Mode.LOOPBACK);
    assertThat(capture.refuseExposed()).isTrue();
    assertThat(capture.probes()).hasSize(1);
  }

  @ParameterizedTest
  @CsvSource({
    "WRIT_CAPTURE, none",
    "WRIT_EXPOSED, yes",
    "WRIT_PROBES, []",
    "WRIT_PROBE_LISTEN, 15091"
  })
  void aWrongCaptureVariableIsNamed(String name, String value) {
    Map<String, String> variables = cluster();
    variables.put("WRIT_PROBE_LISTEN", "[::]:15091");
    variables.put(name, value);

    assertThatThrownBy(() -> Environment.read(variables)).hasMessageContaining(name);
  }

  @Test
  void allOfStandaloneIsRead() throws Exception {
    Map<String, String> variables = standalone();
    variables.put("WRIT_PROTOCOL", "http,mcp");
    variables.put("WRIT_REVOCATIONS_FILE", "/r");
    variables.put("WRIT_IDENTITY_FILE", "/i");
    variables.put("WRIT_KEY_FILE", "/k");
    variables.put("WRIT_CONTRACTS_DIR", "/c");
    variables.put("WRIT_OUTBOUND", "127.0.0.1:15001");
    variables.put("WRIT_ADMIN", "127.0.0.1:15090");
    variables.put("WRIT_HOSTS", "Ledger.bank:80=127.0.1.1:8080");
    variables.put("WRIT_GATE", "audit");
    variables.put("WRIT_BODY_LIMIT", "10485760");
    variables.put("WRIT_RESPONSE_TIMEOUT", "600");
    variables.put("WRIT_IDLE_TIMEOUT", "0");
    variables.put("WRIT_LISTS", "granted");
    variables.put("WRIT_TRUST_DOMAIN", "example.org");

    Configuration configuration = Environment.read(variables);

    assertThat(configuration.hosts())
        .containsEntry(new Address("ledger.bank", 80), new Address("127.0.1.1", 8080));
    assertThat(configuration.enforcement()).isEqualTo(Enforcement.AUDIT);
    assertThat(configuration.trustDomain()).isEqualTo("example.org");
    assertThat(configuration.answers()).isEqualTo(new Configuration.Answers(600, 0, true));
  }

  @Test
  void clusterIsRead() throws Exception {
    Configuration configuration = Environment.read(cluster());

    assertThat(configuration.guards().getFirst().containerPort()).isEqualTo(8080);
    assertThat(((Cluster) configuration.source()).operator())
        .hasToString("https://writ.writ-system:8443");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      nullValues = "null",
      value = {
        "WRIT_IDLE_TIMEOUT|5m|\"5m\" is not a number from 0 to 86400",
        "WRIT_IDLE_TIMEOUT|''|is not a number",
        "WRIT_LISTS|none|\"none\" is not all or granted",
        "WRIT_RESPONSE_TIMEOUT|86401|\"86401\" is not a number from 0 to 86400",
        "WRIT_MODE|null|is missing",
        "WRIT_MODE|both|\"both\" is not cluster or standalone",
        "WRIT_SERVICES|null|is missing",
        "WRIT_SERVICES|spiffe://cluster.local/ns/bank/svc/a|go in pairs",
        "WRIT_SERVICES|a,b|is not spiffe://",
        "WRIT_SERVICES|spiffe://cluster.local/ns/bank/sa/a,b|is not spiffe://",
        "WRIT_LISTEN|null|is missing",
        "WRIT_LISTEN|'' |is empty",
        "WRIT_LISTEN|0.0.0.0:80,0.0.0.0:80|twice",
        "WRIT_LISTEN|0.0.0.0:80,|empty entry",
        "WRIT_LISTEN|0.0.0.0,x:1|is not host:port",
        "WRIT_LISTEN|::1:80,x:1|brackets",
        "WRIT_LISTEN|[x]:80,x:1|brackets",
        "WRIT_LISTEN|a:0,x:1|no port",
        "WRIT_LISTEN|a:65536,x:1|65535",
        "WRIT_LISTEN|a:080,x:1|no port",
        "WRIT_LISTEN|a b:80,x:1|host",
        "WRIT_UPSTREAM|a:1|go in pairs",
        "WRIT_TRUST_FILE|null|is missing",
        "WRIT_STATE_DIR|null|is missing",
        "WRIT_PROTOCOL|http|go in pairs",
        "WRIT_PROTOCOL|http,HTTP|is not one of",
        "WRIT_GATE|off|is not audit or enforce",
        "WRIT_BODY_LIMIT|10485761|is not a number from",
        "WRIT_BODY_LIMIT|-1|is not a number",
        "WRIT_BODY_LIMIT|1e3|is not a number",
        "WRIT_HOSTS|x|is not name:port=host:port",
        "WRIT_HOSTS|a:1=b:2,A:1=b:3|twice",
        "WRIT_OUTBOUND|1|is not host:port",
        "WRIT_ADMIN|1|is not host:port",
        "WRIT_TRUST_DOMAIN|Bad/Domain|is not spiffe",
        "WRIT_OPERATOR|https://x:1|is not a variable of standalone mode",
        "WRIT_BODY_LIMT|1|is not a variable of standalone mode",
        "WRIT_CONTRACTS_DIR|/c|has no use without WRIT_OUTBOUND"
      })
  void aWrongStandaloneVariableIsNamed(String name, String value, String problem) {
    refuses(standalone(), name, value, problem);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      nullValues = "null",
      value = {
        "WRIT_OPERATOR|null|is missing",
        "WRIT_OPERATOR|http://x:1|is not https://host:port",
        "WRIT_OPERATOR|https://x|is not https://host:port",
        "WRIT_OPERATOR|https://x:1/a|is not https://host:port",
        "WRIT_OPERATOR|https://u@x:1|is not https://host:port",
        "WRIT_OPERATOR|%|is not https",
        "WRIT_TOKEN_FILE|null|is missing",
        "WRIT_CA_FILE|null|is missing",
        "WRIT_POD_NAMESPACE|null|is missing",
        "WRIT_POD_NAME|null|is missing",
        "WRIT_POD_UID|null|is missing",
        "WRIT_PORTS|null|is missing",
        "WRIT_PORTS|8080,8081|go in pairs",
        "WRIT_PORTS|x|is not a number",
        "WRIT_SERVICES|spiffe://cluster.local/ns/bank/svc/a|is not a variable of cluster mode",
        "WRIT_TRUST_FILE|/t|is not a variable of cluster mode"
      })
  void aWrongClusterVariableIsNamed(String name, String value, String problem) {
    refuses(cluster(), name, value, problem);
  }

  private static void refuses(
      Map<String, String> variables, String name, String value, String problem) {
    if (value == null) {
      variables.remove(name);
    } else {
      variables.put(name, value.strip());
    }
    assertThatThrownBy(() -> Environment.read(variables))
        .isInstanceOf(ConfigurationException.class)
        .hasMessageStartingWith(name + ": ")
        .hasMessageContaining(problem);
  }
}

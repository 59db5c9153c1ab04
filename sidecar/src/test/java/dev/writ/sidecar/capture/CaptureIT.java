package dev.writ.sidecar.capture;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIf;
import org.junit.jupiter.api.io.TempDir;

/**
 * Both ways of capture with real rules, real sockets and the real sidecar: what a peer outside the
 * pod's network reaches. Needs root.
 */
@EnabledIf("dev.writ.sidecar.capture.TwoNetworks#possible")
final class CaptureIT {
  private static final String GATE = "HTTP/1.1 503";
  private static final String HEALTHY = "HTTP/1.1 200";

  @TempDir Path folder;
  private TwoNetworks networks;

  @BeforeEach
  void network() throws Exception {
    Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxrwxrwx"));
    networks = TwoNetworks.make(folder);
  }

  @AfterEach
  void tearDown() throws Exception {
    networks.close();
  }

  @Test
  void redirectLeadsDeclaredPortsToTheGateAndDropsTheRest() throws Exception {
    // Given
    assertThat(networks.capture(Map.of("WRIT_PORTS", "80,8080")).code()).isZero();
    Map<String, String> environment = environment(folder, "redirect");
    environment.put("WRIT_LISTEN", "[::]:15100,[::]:15101");
    environment.put("WRIT_UPSTREAM", "127.0.0.1:80,127.0.0.1:8080");
    environment.put("WRIT_PORTS", "80,8080");
    started(environment);
    assertThat(
            networks.serve(
                "tcp4|0.0.0.0|80", "tcp|::|8080", "tcp|::|9999", "udp|0.0.0.0|5353", "udp|::|5354"))
        .allMatch(line -> line.endsWith(" bound"));
    // When
    List<String> seen =
        networks.askFromOutside(
            "tcp|" + TwoNetworks.POD4 + "|80",
            "tcp|" + TwoNetworks.POD4 + "|8080",
            "tcp|" + TwoNetworks.POD6 + "|80",
            "tcp|" + TwoNetworks.POD6 + "|8080",
            "tcp|" + TwoNetworks.POD4 + "|9999",
            "tcp|" + TwoNetworks.POD6 + "|9999",
            "tcp|" + TwoNetworks.POD4 + "|15100",
            "tcp|" + TwoNetworks.POD6 + "|15101",
            "tcp|" + TwoNetworks.POD4 + "|15001",
            "udp|" + TwoNetworks.POD4 + "|5353",
            "udp|" + TwoNetworks.POD6 + "|5354",
            "tcp|" + TwoNetworks.POD4 + "|15092",
            "tcp|" + TwoNetworks.POD6 + "|15092",
            "tcp|" + TwoNetworks.POD4 + "|15090");
    // Then
    assertThat(seen)
        .extracting(line -> line.substring(line.indexOf(' ') + 1))
        .containsExactly(
            GATE, GATE, GATE, GATE, "dropped", "dropped", "dropped", "dropped", "dropped",
            "dropped", "dropped", HEALTHY, HEALTHY, HEALTHY);
    // And inside the pod nothing is in the way, whatever address is used
    assertThat(
            networks.askFromInside(
                "tcp|127.0.0.1|80", "tcp|::1|8080", "tcp|" + TwoNetworks.POD4 + "|9999"))
        .allMatch(line -> line.endsWith(" app"));
  }

  @Test
  void whatTheTrialNeededIsGoneAndASecondRunChangesNothing() throws Exception {
    // Given
    assertThat(networks.capture(Map.of("WRIT_PORTS", "80")).code()).isZero();
    String rules = networks.rules();
    // When
    assertThat(networks.capture(Map.of("WRIT_PORTS", "80")).code()).isZero();
    // Then
    assertThat(networks.rules()).isEqualTo(rules);
    assertThat(rules).contains("policy drop").doesNotContain("writ-a").doesNotContain("notrack");
  }

  @Test
  void aTryThatWasCutOffDoesNotKeepTheNextFromItsWork() throws Exception {
    // Given: interfaces without an address, as between two steps of a trial
    networks.leaveInterfaces();
    // When
    TwoNetworks.Result result = networks.capture(Map.of("WRIT_PORTS", "80"));
    // Then
    assertThat(result.code()).as(result.output()).isZero();
  }

  @Test
  void aPodWithoutIpv6IsCapturedToo() throws Exception {
    // Given
    networks.withoutIpv6();
    // When
    TwoNetworks.Result result = networks.capture(Map.of("WRIT_PORTS", "8080"));
    networks.serve("tcp4|0.0.0.0|9999", "tcp4|0.0.0.0|15100");
    // Then
    assertThat(result.code()).as(result.output()).isZero();
    assertThat(result.output()).contains("startup probe alone");
    assertThat(
            networks.askFromOutside(
                "tcp|" + TwoNetworks.POD4 + "|8080", "tcp|" + TwoNetworks.POD4 + "|9999"))
        .containsExactly(
            "tcp|" + TwoNetworks.POD4 + "|8080 app", // what listens on 15100 here
            "tcp|" + TwoNetworks.POD4 + "|9999 dropped");
  }

  @Test
  void rulesThatLoseToOthersStopTheStartAndNameTheOtherMode() throws Exception {
    // Given
    networks.foreignRules(
        """
        table inet other {
          chain prerouting {
            type filter hook prerouting priority -150;
            tcp dport 8080 drop
          }
        }
        """);
    // When
    TwoNetworks.Result result = networks.capture(Map.of("WRIT_PORTS", "8080"));
    // Then
    assertThat(result.code()).isNotZero();
    assertThat(result.output())
        .contains("port 8080 is not redirected")
        .contains("writ.dev/capture: loopback");
  }

  @Test
  void loopbackHasThePortOnEveryAddressButTheAppsOwn() throws Exception {
    // Given
    Map<String, String> environment = environment(folder, "loopback");
    environment.put("WRIT_LISTEN", "[::]:8080");
    environment.put("WRIT_UPSTREAM", "127.0.0.1:8080");
    environment.put("WRIT_PORTS", "8080");
    started(environment);
    // When
    List<String> bound =
        networks.serve(
            "tcp4|127.0.0.1|8080",
            "tcp4|0.0.0.0|8080",
            "tcp|::|8080",
            "tcp4|" + TwoNetworks.POD4 + "|8080");
    // Then
    assertThat(bound)
        .containsExactly(
            "tcp4|127.0.0.1|8080 bound",
            "tcp4|0.0.0.0|8080 in use",
            "tcp|::|8080 in use",
            "tcp4|" + TwoNetworks.POD4 + "|8080 in use");
    assertThat(
            networks.askFromOutside(
                "tcp|" + TwoNetworks.POD4 + "|8080", "tcp|" + TwoNetworks.POD6 + "|8080"))
        .allMatch(line -> line.endsWith(GATE));
    assertThat(networks.askFromInside("tcp|127.0.0.1|8080"))
        .allMatch(line -> line.endsWith(" app"));
  }

  @Test
  void anAppThatListensPastTheGateIsSeen() throws Exception {
    // Given
    Process sidecar = started(environment(folder, "loopback"));
    // When
    networks.serve("tcp4|0.0.0.0|9999");
    // Then
    await()
        .atMost(Duration.ofSeconds(30))
        .untilAsserted(
            () ->
                assertThat(networks.output(sidecar))
                    .contains("The app can be reached past the gate")
                    .contains("tcp 0.0.0.0:9999"));
  }

  private Process started(Map<String, String> environment) throws Exception {
    Process sidecar = networks.sidecar(environment);
    await()
        .atMost(Duration.ofSeconds(60))
        .until(() -> networks.output(sidecar).contains("Started") || !sidecar.isAlive());
    assertThat(sidecar.isAlive()).as(networks.output(sidecar)).isTrue();
    return sidecar;
  }

  /** The operator is never reached: the gate refuses, which is all that is asked here. */
  static Map<String, String> environment(Path folder, String capture) {
    Map<String, String> environment = new TreeMap<>();
    environment.put("WRIT_MODE", "cluster");
    environment.put("WRIT_CAPTURE", capture);
    environment.put("WRIT_OPERATOR", URI.create("https://10.199.0.6:8443").toString());
    environment.put("WRIT_TOKEN_FILE", folder.resolve("token").toString());
    environment.put("WRIT_CA_FILE", folder.resolve("ca.crt").toString());
    environment.put("WRIT_STATE_DIR", folder.resolve("state").toString());
    environment.put("WRIT_OUTBOUND", "127.0.0.1:15001");
    environment.put("WRIT_ADMIN", "[::]:15090");
    environment.put("WRIT_POD_NAMESPACE", "bank");
    environment.put("WRIT_POD_NAME", "ledger-0");
    environment.put("WRIT_POD_UID", "1f0c2a9e-0b1d-4e57-9a55-2f5d8a6f3b11");
    return environment;
  }
}

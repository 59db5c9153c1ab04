package dev.writ.sidecar.capture;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.writ.contract.scan.PortSet;
import dev.writ.contract.scan.ScanOrder;
import dev.writ.contract.scan.ScanReport;
import dev.writ.contract.scan.ScanReport.Answer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIf;
import org.junit.jupiter.api.io.TempDir;

/** What a scan from another network finds at real rules and a real sidecar. Needs root. */
@EnabledIf("dev.writ.sidecar.capture.TwoNetworks#possible")
final class OutsideIT {
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
  void aRedirectedPodAnswersOnItsGateAloneWhateverItsAppListensOn() throws Exception {
    // Given
    assertThat(networks.capture(Map.of("WRIT_PORTS", "8080")).code()).isZero();
    sidecar("redirect", "[::]:15100");
    List<String> bound = networks.serve("tcp|::|9999", "tcp4|0.0.0.0|8080", "tcp4|0.0.0.0|15091");
    // When
    List<ScanReport> reports = scan(TwoNetworks.POD4, TwoNetworks.POD6);
    // Then: what the rules let in is the sidecar's, before the app could have it
    assertThat(bound).last().asString().endsWith("in use");
    assertThat(reports)
        .extracting(ScanReport::address)
        .containsExactly(TwoNetworks.POD4, TwoNetworks.POD6);
    for (ScanReport report : reports) {
      assertThat(report.open()).hasToString("8080,15090-15092");
      assertThat(report.answers()).containsExactly(Map.entry(8080, Answer.GATE));
      assertThat(report.silent()).isEqualTo(65_531);
      assertThat(report.unsure()).isZero();
    }
  }

  @Test
  void anAppThatListensBesideTheGateIsFoundInBothFamilies() throws Exception {
    // Given
    sidecar("loopback", "[::]:8080");
    networks.serve("tcp|::|9999");
    // When
    List<ScanReport> reports = scan(TwoNetworks.POD4, TwoNetworks.POD6);
    // Then
    for (ScanReport report : reports) {
      assertThat(report.open()).hasToString("8080,9999,15090");
      assertThat(report.answers()).containsOnlyKeys(8080, 9999);
      assertThat(report.answers().get(8080)).isEqualTo(Answer.GATE);
      assertThat(report.answers().get(9999)).isNotEqualTo(Answer.GATE);
      assertThat(report.refused()).isEqualTo(65_532);
    }
  }

  @Test
  void silenceOfAPodThatCannotBeReachedSaysNothing() throws Exception {
    // Given
    networks.foreignRules(
        """
        table inet other {
          chain input {
            type filter hook input priority 0; policy drop;
            meta l4proto ipv6-icmp accept
          }
        }
        """);
    // When
    List<ScanReport> reports = scan(TwoNetworks.POD4);
    // Then
    assertThat(reports.getFirst().unsure()).isEqualTo(65_535);
  }

  private List<ScanReport> scan(String... addresses) throws Exception {
    TwoNetworks.Result result =
        networks.scan(
            new ScanOrder(
                    List.of(addresses),
                    PortSet.of(List.of(8080)),
                    PortSet.of(List.of(15_090, 15_091, 15_092)),
                    ScanOrder.MAX_RATE)
                .variables());
    assertThat(result.code()).as(result.output()).isZero();
    List<ScanReport> reports = new ArrayList<>();
    for (String line : result.output().lines().toList()) {
      if (line.startsWith("{\"" + ScanReport.KIND + "\":")) {
        reports.add(ScanReport.parse(line));
      }
    }
    return reports;
  }

  private void sidecar(String capture, String listen) throws Exception {
    Map<String, String> environment = new TreeMap<>(CaptureIT.environment(folder, capture));
    environment.put("WRIT_LISTEN", listen);
    environment.put("WRIT_UPSTREAM", "127.0.0.1:8080");
    environment.put("WRIT_PORTS", "8080");
    Process sidecar = networks.sidecar(environment);
    await()
        .atMost(Duration.ofSeconds(60))
        .until(() -> networks.output(sidecar).contains("Started") || !sidecar.isAlive());
    assertThat(sidecar.isAlive()).as(networks.output(sidecar)).isTrue();
  }
}

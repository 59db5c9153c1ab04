package dev.writ.contract.scan;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.writ.contract.MalformedException;
import dev.writ.contract.scan.ScanReport.Answer;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ScanReportTest {
  private static final ScanReport REPORT =
      new ScanReport(
          "fd00::7",
          PortSet.of(List.of(8080, 15_090, 15_091, 15_092)),
          31,
          65_500,
          3,
          Map.of(8080, Answer.GATE, 15_090, Answer.OTHER));
  private static final String LINE =
      "{\"writScan\":\"fd00::7\",\"open\":\"8080,15090-15092\",\"refused\":31,\"silent\":65500,"
          + "\"unsure\":3,\"answers\":{\"8080\":\"gate\",\"15090\":\"other\"}}";

  @Test
  void aReportIsOneLineAndComesBackEqual() throws MalformedException {
    assertThat(REPORT.json()).isEqualTo(LINE);
    assertThat(ScanReport.parse(LINE)).isEqualTo(REPORT);
  }

  @Test
  void everyTruncationIsRefused() {
    for (int end = 0; end < LINE.length(); end++) {
      String part = LINE.substring(0, end);
      assertThatThrownBy(() -> ScanReport.parse(part)).isInstanceOf(MalformedException.class);
    }
  }

  @Test
  void whatIsNotExactlyAReportIsRefused() {
    for (String other :
        List.of(
            LINE + "x",
            LINE.replace("31", "30"), // not every port
            LINE.replace("65500", "65500.0"),
            LINE.replace("\"unsure\":3", "\"unsure\":65501"),
            LINE.replace("\"unsure\":3", "\"unsure\":-1"),
            LINE.replace("\"unsure\":3", "\"unsure\":99999999999"),
            LINE.replace("\"unsure\":3", "\"unsure\":3,\"more\":1"),
            LINE.replace("\"unsure\":3", "\"unsure\":3,\"unsure\":3"),
            LINE.replace("\"gate\"", "\"gates\""),
            LINE.replace("\"8080\":", "\"9090\":"), // asked and not open
            LINE.replace("\"8080\":", "\"8080-8081\":"),
            LINE.replace("\"fd00::7\"", "7"))) {
      assertThatThrownBy(() -> ScanReport.parse(other))
          .as(other)
          .isInstanceOf(MalformedException.class);
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        ",",
        "0",
        "01",
        "65536",
        "1-",
        "-1",
        "2-1",
        "1-1",
        "1,1",
        "2,1",
        "1,2",
        "1-3,4",
        "1-2-3",
        " 1",
        "1 ",
        "٣",
        "99999999999",
        "a"
      })
  void portsHaveOneSpelling(String text) {
    assertThatThrownBy(() -> PortSet.parse(text)).isInstanceOf(MalformedException.class);
  }

  @Test
  void anySetOfPortsComesBackEqual() throws MalformedException {
    long seed = System.nanoTime();
    Random random = new Random(seed);
    for (int round = 0; round < 200; round++) {
      int density = 1 + random.nextInt(100);
      PortSet set =
          PortSet.of(
              IntStream.rangeClosed(1, PortSet.LAST)
                  .filter(port -> random.nextInt(100) < density)
                  .boxed()
                  .toList());
      assertThat(PortSet.parse(set.toString())).as("seed " + seed).isEqualTo(set);
    }
    assertThat(PortSet.parse("1-65535").size()).isEqualTo(65_535);
    assertThat(PortSet.parse("")).isEqualTo(PortSet.NONE);
  }

  @Test
  void anOrderLeavesOutWhatItDoesNotHave() {
    assertThat(
            new ScanOrder(List.of("10.0.0.7", "fd00::7"), PortSet.NONE, PortSet.NONE, 500)
                .variables())
        .containsExactly(
            Map.entry("WRIT_SCAN_ADDRESSES", "10.0.0.7,fd00::7"),
            Map.entry("WRIT_SCAN_RATE", "500"));
  }

  @Test
  void anOrderComesBackEqualAndOneThatIsNotWholeIsRefused() throws MalformedException {
    // Given
    ScanOrder order =
        new ScanOrder(
            List.of("10.0.0.7", "fd00::7"),
            PortSet.of(List.of(8080)),
            PortSet.of(List.of(15_090)),
            4_000);
    // Then
    assertThat(ScanOrder.parse(order.variables())).isEqualTo(order);
    for (Map<String, String> other :
        List.of(
            Map.of("WRIT_SCAN_RATE", "500"),
            Map.of("WRIT_SCAN_ADDRESSES", "10.0.0.7"),
            Map.of("WRIT_SCAN_ADDRESSES", "10.0.0.7", "WRIT_SCAN_RATE", "49"),
            Map.of("WRIT_SCAN_ADDRESSES", "10.0.0.7", "WRIT_SCAN_RATE", "4001"),
            Map.of("WRIT_SCAN_ADDRESSES", "10.0.0.7,", "WRIT_SCAN_RATE", "500"),
            Map.of("WRIT_SCAN_ADDRESSES", "bank.example", "WRIT_SCAN_RATE", "500"),
            Map.of("WRIT_SCAN_ADDRESSES", "fe80::1%eth0", "WRIT_SCAN_RATE", "500"),
            Map.of(
                "WRIT_SCAN_ADDRESSES", "10.0.0.7",
                "WRIT_SCAN_RATE", "500",
                "WRIT_SCAN_GATES", "http"),
            Map.of(
                "WRIT_SCAN_ADDRESSES", "10.0.0.7",
                "WRIT_SCAN_RATE", "500",
                "WRIT_SCAN_GATE", "80"))) {
      assertThatThrownBy(() -> ScanOrder.parse(other))
          .as("%s", other)
          .isInstanceOf(MalformedException.class);
    }
  }
}

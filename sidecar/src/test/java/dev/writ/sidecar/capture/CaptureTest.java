package dev.writ.sidecar.capture;

import static org.assertj.core.api.Assertions.assertThat;

import dev.writ.sidecar.Address;
import dev.writ.sidecar.capture.CaptureSettings.Mode;
import java.net.InetAddress;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

final class CaptureTest {
  private static final Address ALL = new Address("::", 8080);
  private static final Path NO_PROC = Path.of("/nowhere");

  @Test
  void loopbackLeavesLoopbackToTheApp() {
    assertThat(capture(Mode.LOOPBACK, true, false).sockets(ALL))
        .containsExactly(new Address("10.244.0.5", 8080), new Address("fd00:0:0:0:0:0:0:5", 8080));
  }

  @Test
  void anAddressThatIsGivenIsTakenAsItIs() {
    Address given = new Address("127.0.1.5", 8080);
    assertThat(capture(Mode.LOOPBACK, false, false).sockets(given)).containsExactly(given);
    assertThat(capture(Mode.REDIRECT, true, false).sockets(ALL)).containsExactly(ALL);
    assertThat(capture(Mode.NONE, true, false).sockets(ALL)).containsExactly(ALL);
  }

  @Test
  void whereNothingCanBeKnownAPodIsNotReadyAndServesNobodyIfThatIsRequired() {
    // Given
    Capture strict = capture(Mode.LOOPBACK, true, true);
    Capture lenient = capture(Mode.LOOPBACK, true, false);
    // When
    strict.look();
    lenient.look();
    // Then
    assertThat(strict.exposed()).contains("exposed");
    assertThat(strict.refuses()).isTrue();
    assertThat(strict.level()).isEqualTo("Present");
    assertThat(lenient.exposed()).contains("exposed");
    assertThat(lenient.refuses()).isFalse();
  }

  @Test
  void aRedirectedAppMayListenWhereItLikes() {
    // Given
    Capture redirect = capture(Mode.REDIRECT, true, true);
    // When
    redirect.look();
    // Then
    assertThat(redirect.exposed()).isNull();
    assertThat(redirect.refuses()).isFalse();
    assertThat(redirect.level()).isEqualTo("Verified");
  }

  @Test
  void whatTheRulesLetInForProbesIsTakenWithoutProbesToo() {
    // Given
    Address admin = new Address("::", 15_090);
    // Then
    assertThat(capture(Mode.REDIRECT, true, false).probeListen(admin))
        .isEqualTo(new Address("::", 15_091));
    assertThat(capture(Mode.LOOPBACK, true, false).probeListen(admin)).isNull();
    assertThat(capture(Mode.REDIRECT, false, false).probeListen(admin)).isNull();
    assertThat(capture(Mode.REDIRECT, true, false).probeListen(null)).isNull();
  }

  @Test
  void aNetworkThatIsSharedWithOthersIsNotJudged() {
    // Given
    Capture shared = capture(Mode.LOOPBACK, false, true);
    // When
    shared.look();
    // Then
    assertThat(shared.exposed()).isNull();
    assertThat(shared.level()).isEqualTo("Present");
  }

  private static Capture capture(Mode mode, boolean ownNetwork, boolean refuse) {
    return new Capture(
        new CaptureSettings(mode, refuse, null, List.of()),
        ownNetwork,
        CaptureTest::addresses,
        NO_PROC);
  }

  private static List<InetAddress> addresses() {
    return Stream.of("127.0.0.1", "10.244.0.5", "::1", "fe80::1", "fd00::5")
        .map(InetAddress::ofLiteral)
        .toList();
  }
}

package dev.writ.sidecar.outbound;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.writ.contract.MalformedException;
import dev.writ.sidecar.Address;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class TargetTest {
  @ParameterizedTest
  @CsvSource({
    "http://ledger.bank/v1?x=1, ledger.bank, 80, ledger.bank, /v1?x=1",
    "HTTP://Ledger.Bank:8080/v1, ledger.bank, 8080, Ledger.Bank:8080, /v1",
    "http://ledger.bank, ledger.bank, 80, ledger.bank, /",
    "http://ledger.bank?x=1, ledger.bank, 80, ledger.bank, /?x=1",
    "http://[::1]:9/, ::1, 9, [::1]:9, /",
    "http://ledger.bank/a//b/..%2f, ledger.bank, 80, ledger.bank, /a//b/..%2f"
  })
  void absoluteFormNamesItsTarget(String uri, String host, int port, String authority, String path)
      throws Exception {
    assertThat(Target.of(uri, List.of("other.example")))
        .isEqualTo(new Target(new Address(host, port), authority, path));
  }

  @Test
  void originFormTakesHost() throws Exception {
    assertThat(Target.of("/v1", List.of("ledger.bank:81")))
        .isEqualTo(new Target(new Address("ledger.bank", 81), "ledger.bank:81", "/v1"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "https://ledger.bank/",
        "ftp://ledger.bank/",
        "ledger.bank:80",
        "http://",
        "http:///v1",
        "http://user@ledger.bank/",
        "http://a:0/",
        "http://a:65536/",
        "http://a:b/",
        "http://::1/",
        "http://a/#b",
        "http://a b/",
        ""
      })
  void refusesWhatItCannotReach(String uri) {
    assertThatThrownBy(() -> Target.of(uri, List.of("ledger.bank")))
        .isInstanceOf(MalformedException.class);
  }

  @Test
  void originFormNeedsExactlyOneHost() {
    assertThatThrownBy(() -> Target.of("/v1", List.of())).isInstanceOf(MalformedException.class);
    assertThatThrownBy(() -> Target.of("/v1", List.of("a", "a")))
        .isInstanceOf(MalformedException.class);
  }

  @Test
  void connectNeedsAPort() throws Exception {
    assertThat(Target.ofConnect("api.example:443").address())
        .isEqualTo(new Address("api.example", 443));
    assertThatThrownBy(() -> Target.ofConnect("api.example"))
        .isInstanceOf(MalformedException.class);
  }

  @Test
  void staticHostsComeFirstAndTheHelperItselfIsNoTarget() throws Exception {
    Address own = new Address("127.0.0.1", 15001);
    Route.Table table =
        new Route.Table(
            Map.of(new Address("Ledger.bank", 80), new Address("127.0.1.1", 8080)),
            new ServiceNames("cluster.local", null),
            own);

    Route route = table.of(Target.of("http://LEDGER.bank./v1", List.of()));

    assertThat(route.address()).isEqualTo(new Address("127.0.1.1", 8080));
    assertThat(route.service()).isPresent();
    assertThat(table.of(Target.of("http://ledger.bank:81/", List.of())).address())
        .isEqualTo(new Address("ledger.bank", 81));
    for (String self : List.of("127.0.0.1:15001", "localhost:15001")) {
      assertThatThrownBy(() -> table.of(Target.of("/v1", List.of(self))))
          .isInstanceOf(MalformedException.class)
          .hasMessageContaining("Host");
    }
  }
}

package dev.writ.sidecar.outbound;

import static org.assertj.core.api.Assertions.assertThat;

import dev.writ.contract.SpiffeId;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ServiceNamesTest {
  private final ServiceNames names = new ServiceNames("corp.example", "plan");

  @ParameterizedTest
  @CsvSource({
    "ledger, plan, ledger",
    "ledger.bank, bank, ledger",
    "Ledger.BANK, bank, ledger",
    "ledger.bank., bank, ledger",
    "ledger.bank.svc, bank, ledger",
    "ledger.bank.svc.cluster.local, bank, ledger",
    "ledger.bank.svc.corp.example, bank, ledger",
    "ledger-0.ledger.bank, bank, ledger",
    "ledger-0.ledger.bank.svc, bank, ledger",
    "ledger-0.ledger.bank.svc.cluster.local., bank, ledger",
    "ledger.svc, svc, ledger"
  })
  void readsServiceAndNamespace(String host, String namespace, String service) {
    assertThat(names.serviceOf(host))
        .contains(SpiffeId.service("corp.example", namespace, service));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        ".",
        "10.0.0.1",
        "::1",
        "a..b",
        "-a.b",
        "a_b.c",
        "ledger.bank.svc.evil.example",
        "a.b.c.d",
        "x.a.b.c.svc",
        "127.1"
      })
  void leavesOtherNamesAlone(String host) {
    assertThat(names.serviceOf(host)).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"ledger", "localhost"})
  void oneLabelNeedsANamespace(String host) {
    assertThat(new ServiceNames("cluster.local", null).serviceOf(host)).isEmpty();
  }
}

package dev.writ.operator.revoke;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

class RevocationStateTest {
  private static final String A = "aaaaaaaa-0000-0000-0000-000000000000";
  private static final String B = "bbbbbbbb-0000-0000-0000-000000000000";
  private static final long NOW = 1_000_000;
  private static final long LATER = NOW + RevocationState.MEMORY_SECONDS;

  @Test
  void aNewCapabilityIsRememberedAndTheListSaysTheSame() {
    // When
    RevocationState state = RevocationState.EMPTY.observe(A, 1, false, NOW);
    // Then
    assertThat(state.seq()).isEqualTo(1);
    assertThat(state.known()).containsExactly(Map.entry(A, 1L));
    assertThat(state.observe(A, 1, false, NOW)).isEqualTo(state);
  }

  @Test
  void anEditKillsOlderGenerationsUntilNoneCanLive() {
    // Given
    RevocationState before = RevocationState.EMPTY.observe(A, 1, false, NOW);
    // When
    RevocationState edited = before.observe(A, 2, false, NOW);
    // Then
    assertThat(edited.seq()).isEqualTo(2);
    assertThat(edited.kills(A, 1)).isTrue();
    assertThat(edited.kills(A, 2)).isFalse();
    assertThat(edited.expire(LATER - 1)).isEqualTo(edited);
    assertThat(edited.expire(LATER).kills(A, 1)).isFalse();
    assertThat(edited.expire(LATER).seq()).isEqualTo(3);
  }

  @Test
  void aCapabilityFirstSeenEditedMayHaveBeenEditedWhileNobodyLooked() {
    assertThat(RevocationState.EMPTY.observe(A, 5, false, NOW).kills(A, 4)).isTrue();
  }

  @Test
  void contractsAndHoldersAreListedUntilNothingOfThemCanLive() {
    // Given
    RevocationState before = RevocationState.EMPTY;
    // When
    RevocationState dead =
        before.contracts(java.util.Set.of("c"), NOW).holders(java.util.Set.of("h"), NOW);
    // Then
    assertThat(dead.seq()).isEqualTo(3);
    assertThat(dead.jtis()).containsOnlyKeys("c");
    assertThat(dead.jkts()).containsOnlyKeys("h");
    // asking again, later, does not make the list longer or longer-lived
    assertThat(dead.contracts(java.util.Set.of("c"), NOW + 100)).isEqualTo(dead);
    assertThat(dead.holders(java.util.Set.of(), NOW)).isSameAs(dead);
    assertThat(dead.observe(A, 1, true, NOW).jtis()).containsOnlyKeys("c");
    assertThat(dead.expire(LATER - 1)).isEqualTo(dead);
    assertThat(dead.expire(LATER).jtis()).isEmpty();
    assertThat(dead.expire(LATER).jkts()).isEmpty();
    assertThat(dead.expire(LATER).seq()).isEqualTo(4);
  }

  @Test
  void aSuspendedOneIsListedForAsLongAsItIs() {
    // Given
    RevocationState suspended =
        RevocationState.EMPTY.observe(A, 1, false, NOW).observe(A, 2, true, NOW);
    // Then
    assertThat(suspended.expire(LATER).cids()).containsOnlyKeys(A);
    // When
    RevocationState open = suspended.observe(A, 3, false, NOW + 1);
    // Then
    assertThat(open.cids()).isEmpty();
    assertThat(open.kills(A, 2)).isTrue();
    assertThat(open.seq()).isGreaterThan(suspended.seq());
  }

  @Test
  void aDeletedOneStaysListedUntilItsLastContractEnded() {
    // Given
    RevocationState state = RevocationState.EMPTY.observe(A, 2, false, NOW);
    // When
    RevocationState gone = state.gone(A, NOW);
    // Then
    assertThat(gone.cids()).containsExactly(Map.entry(A, LATER));
    assertThat(gone.generations()).isEmpty();
    assertThat(gone.known()).isEmpty();
    assertThat(gone.gone(A, NOW)).isEqualTo(gone);
    assertThat(gone.expire(LATER).cids()).isEmpty();
  }

  @Test
  void aSuspendedOneThatIsDeletedIsNotListedForEver() {
    // Given
    RevocationState suspended = RevocationState.EMPTY.observe(A, 1, true, NOW);
    // When
    RevocationState gone = suspended.gone(A, NOW);
    // Then
    assertThat(gone.cids()).containsExactly(Map.entry(A, LATER));
    assertThat(gone.seq()).isEqualTo(suspended.seq());
  }

  @Test
  void whatWasDeletedWhileNobodyLookedIsRevokedAtTheStart() {
    // Given
    RevocationState state =
        RevocationState.EMPTY.observe(A, 1, false, NOW).observe(B, 1, false, NOW);
    // When
    RevocationState start = state.only(Set.of(B), NOW);
    // Then
    assertThat(start.cids()).containsOnlyKeys(A);
    assertThat(start.known()).containsOnlyKeys(B);
  }

  @Test
  void theStoredFormReadsBack() throws Exception {
    // Given
    RevocationState state =
        RevocationState.EMPTY
            .observe(A, 1, true, NOW)
            .observe(B, 3, false, NOW)
            .gone(B, NOW)
            .observe(B, 4, false, NOW);
    // When
    RevocationState back = ConfigMapRevocationStore.parse(ConfigMapRevocationStore.print(state));
    // Then
    assertThat(back).isEqualTo(state);
  }
}

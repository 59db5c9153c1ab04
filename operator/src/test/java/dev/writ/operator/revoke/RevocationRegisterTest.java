package dev.writ.operator.revoke;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.writ.contract.document.RevocationList;
import dev.writ.contract.document.TrustBundle;
import dev.writ.contract.key.Ed25519;
import dev.writ.contract.key.PrivateKey;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class RevocationRegisterTest {
  private static final String A = "aaaaaaaa-0000-0000-0000-000000000000";
  private final PrivateKey key = PrivateKey.generate();
  private final Clock clock = Clock.fixed(Instant.ofEpochSecond(2_000_000_000), ZoneOffset.UTC);
  private final MemoryStore store = new MemoryStore();
  private final List<SignedList> published = new ArrayList<>();

  /** Keeps one state; fails before or after it stored, as asked. */
  private static final class MemoryStore implements RevocationStore {
    private Optional<Stored> stored = Optional.empty();
    private boolean failBefore;
    private boolean failAfter;

    @Override
    public Optional<Stored> load() {
      return stored;
    }

    @Override
    public Stored save(RevocationState state, String version) throws StaleVersionException {
      if (failBefore) {
        throw new IllegalStateException("not stored");
      }
      if (!version.equals(stored.map(Stored::version).orElse(""))) {
        throw new StaleVersionException("stale");
      }
      stored = Optional.of(new Stored(state, version + "x"));
      if (failAfter) {
        throw new IllegalStateException("stored, and the answer lost");
      }
      return stored.get();
    }
  }

  private RevocationRegister open() throws Exception {
    return new RevocationRegister.Builder(
            store,
            () -> key,
            "spiffe://cluster.local/writ",
            clock,
            new Epochs(clock, 0),
            published::add)
        .open(7);
  }

  @Test
  void aListIsStoredBeforeItIsPublished() throws Exception {
    // Given
    RevocationRegister register = open();
    // When
    register.apply(state -> state.observe(A, 1, true, 1), false);
    // Then
    assertThat(published).hasSize(1);
    RevocationList list =
        RevocationList.parse(
            published.getFirst().jws(),
            TrustBundle.of(List.of(key.publicKey())),
            Ed25519.bouncyCastle());
    assertThat(list.cids()).containsExactly(A);
    assertThat(list.seq()).isEqualTo(8).isEqualTo(store.stored.get().state().seq());
    assertThat(list.exp() - list.iat()).isEqualTo(300);
  }

  @Test
  void whatCouldNotBeStoredIsNotPublished() throws Exception {
    // Given
    RevocationRegister register = open();
    store.failBefore = true;
    // When
    assertThatThrownBy(() -> register.apply(state -> state.observe(A, 1, true, 1), false))
        .hasMessage("not stored");
    // Then
    assertThat(published).isEmpty();
    assertThat(register.current().seq()).isEqualTo(7);
  }

  @Test
  void whatWasStoredAndNotAnsweredEndsThisOperatorAndIsPublishedByTheNext() throws Exception {
    // Given
    RevocationRegister register = open();
    store.failAfter = true;
    assertThatThrownBy(() -> register.apply(state -> state.observe(A, 1, true, 1), false))
        .isInstanceOf(IllegalStateException.class);
    store.failAfter = false;
    // When
    assertThatThrownBy(register::renew).isInstanceOf(RevocationStore.StaleVersionException.class);
    // Then
    assertThat(open().current().seq()).isEqualTo(8);
  }

  @Test
  void aRestartGoesOnWithTheSameNumber() throws Exception {
    // Given
    open().apply(state -> state.observe(A, 1, true, 1), false);
    // When
    RevocationRegister next = open();
    // Then
    assertThat(next.current().seq()).isEqualTo(8);
    assertThat(next.state().cids()).containsOnlyKeys(A);
  }

  @Test
  void theSecondOfTwoOperatorsCanNotPublish() throws Exception {
    // Given
    RevocationRegister first = open();
    RevocationRegister second = open();
    first.apply(state -> state.observe(A, 1, true, 1), false);
    published.clear();
    // When
    assertThatThrownBy(() -> second.apply(state -> state.observe(A, 2, false, 1), true))
        .isInstanceOf(RevocationStore.StaleVersionException.class);
    // Then
    assertThat(published).isEmpty();
  }

  @Test
  void whenNothingChangesNothingIsPublishedUnlessAsked() throws Exception {
    // Given
    RevocationRegister register = open();
    // When
    Optional<SignedList> silent = register.apply(state -> state.observe(A, 1, false, 1), false);
    Optional<SignedList> asked = register.apply(state -> state, true);
    // Then
    assertThat(silent).isEmpty();
    assertThat(asked).isPresent();
    assertThat(published).hasSize(1);
  }
}

package dev.writ.operator.issue;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

class PodStatesTest {
  private static final String POD = "pod";
  private static final String SERVICE = "spiffe://d/ns/n/svc/s";
  private final PodStates states = new PodStates();

  @Test
  void aPodThatThisProcessNeverSawMustEnrol() {
    assertThat(states.mustEnrol(POD)).isTrue();
    states.applied(POD, 99);
    assertThat(states.mustEnrol(POD)).isTrue();
    states.enrolled(POD, 5, Set.of(), Map.of());
    assertThat(states.mustEnrol(POD)).isFalse();
    states.due(POD, 6);
    assertThat(states.mustEnrol(POD)).isTrue();
    states.enrolled(POD, 6, Set.of(), Map.of());
    assertThat(states.mustEnrol(POD)).isFalse();
  }

  @Test
  void aRevokedPodGetsNothingForAnyKey() {
    // Given
    assertThat(states.admitKey(POD, "one", 100)).isTrue();
    assertThat(states.admitKey(POD, "two", 100)).isTrue();
    // When
    Set<String> keys = states.revoke(POD);
    // Then
    assertThat(keys).containsExactlyInAnyOrder("one", "two");
    assertThat(states.admitKey(POD, "one", 101)).isFalse();
    assertThat(states.admitKey(POD, "three", 101)).isFalse();
    assertThat(states.admitKey("other", "one", 101)).isTrue();
  }

  @Test
  void aPodCanNotHideAKeyBehindManyOthers() {
    // Given
    for (int key = 0; key < 16; key++) {
      assertThat(states.admitKey(POD, "key" + key, 100)).isTrue();
    }
    // Then
    assertThat(states.admitKey(POD, "one more", 100 + 959)).isFalse();
    assertThat(states.admitKey(POD, "key0", 100 + 959)).isTrue();
    assertThat(states.admitKey(POD, "one more", 100 + 960)).isTrue();
    assertThat(states.revoke(POD)).containsExactlyInAnyOrder("key0", "one more");
  }

  @Test
  void aGateConfirmsOnlyWhatItAppliedForServicesItKnows() {
    // Given
    states.enrolled(POD, 5, Set.of(SERVICE), Map.of());
    // Then
    assertThat(states.confirms(POD, SERVICE, 3)).isFalse();
    // When
    states.applied(POD, 7);
    // Then
    assertThat(states.confirms(POD, SERVICE, 7)).isTrue();
    assertThat(states.confirms(POD, SERVICE, 8)).isFalse();
    assertThat(states.confirms(POD, "spiffe://d/ns/n/svc/other", 3)).isFalse();
  }

  @Test
  void aGateThatGotAnotherServiceHasToSayThatItAppliedThat() {
    // Given
    states.enrolled(POD, 5, Set.of(), Map.of());
    states.applied(POD, 7);
    // When
    states.enrolled(POD, 8, Set.of(SERVICE), Map.of());
    // Then
    assertThat(states.confirms(POD, SERVICE, 3)).isFalse();
    states.applied(POD, 8);
    assertThat(states.confirms(POD, SERVICE, 3)).isTrue();
  }

  @Test
  void holdersAreThoseWhoseContractLives() {
    // When
    Set<String> changed = states.enrolled(POD, 1, Set.of(), Map.of("a", 100L, "b", 50L));
    // Then
    assertThat(changed).containsExactlyInAnyOrder("a", "b");
    assertThat(states.holders("a", 99)).isEqualTo(1);
    assertThat(states.holders("b", 50)).isZero();
    assertThat(states.enrolled(POD, 2, Set.of(), Map.of("a", 200L))).containsExactly("b");
    assertThat(states.gone(POD)).containsExactly("a");
    assertThat(states.holders("a", 99)).isZero();
  }

  @Test
  void whatWasAppliedNeverGoesBack() {
    assertThat(states.applied(POD, 7)).isTrue();
    assertThat(states.applied(POD, 6)).isFalse();
    assertThat(states.applied(POD, 7)).isFalse();
  }
}

package dev.writ.sidecar.state;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.writ.contract.document.RevocationList;
import dev.writ.contract.key.PrivateKey;
import dev.writ.sidecar.state.RevocationKeeper.Verdict;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RevocationKeeperTest {
  private static final PrivateKey ISSUER = PrivateKey.generate();
  private static final String CID = "1f0c2a9e-0b1d-4e57-9a55-2f5d8a6f3b11";

  @TempDir Path directory;

  private static RevocationList list(long seq, long iat, Set<String> cids) {
    return new RevocationList(
        "spiffe://cluster.local/writ", iat, iat + 600, seq, cids, Set.of(), Set.of(), Map.of());
  }

  private static Verdict offer(RevocationKeeper keeper, RevocationList list) throws IOException {
    return keeper.offer(list.sign(ISSUER), list, 1_000);
  }

  @Test
  void aHigherSeqSucceedsAndALowerOneIsOvertaken() throws IOException {
    RevocationKeeper keeper = RevocationKeeper.open(directory);

    assertThat(offer(keeper, list(3, 1_000, Set.of()))).isEqualTo(Verdict.TAKEN);
    assertThat(offer(keeper, list(4, 1_000, Set.of(CID)))).isEqualTo(Verdict.TAKEN);
    assertThat(offer(keeper, list(3, 1_001, Set.of()))).isEqualTo(Verdict.OVERTAKEN);
  }

  @Test
  void theSameSeqMustSayTheSame() throws IOException {
    RevocationKeeper keeper = RevocationKeeper.open(directory);
    offer(keeper, list(3, 1_000, Set.of(CID)));

    assertThat(offer(keeper, list(3, 1_005, Set.of(CID)))).isEqualTo(Verdict.TAKEN);
    assertThat(offer(keeper, list(3, 1_006, Set.of()))).isEqualTo(Verdict.REFUSED);
    assertThat(offer(keeper, list(3, 1_001, Set.of(CID)))).isEqualTo(Verdict.OVERTAKEN);
  }

  @Test
  void aListFromTheFutureIsRefused() throws IOException {
    assertThat(offer(RevocationKeeper.open(directory), list(3, 1_031, Set.of())))
        .isEqualTo(Verdict.REFUSED);
  }

  @Test
  void aRestartForgetsNothing() throws IOException {
    // Given
    offer(RevocationKeeper.open(directory), list(4, 1_000, Set.of(CID)));

    // When
    RevocationKeeper keeper = RevocationKeeper.open(directory);

    // Then
    assertThat(offer(keeper, list(3, 1_001, Set.of()))).isEqualTo(Verdict.OVERTAKEN);
    assertThat(offer(keeper, list(4, 1_001, Set.of()))).isEqualTo(Verdict.REFUSED);
    assertThat(offer(keeper, list(4, 1_001, Set.of(CID)))).isEqualTo(Verdict.TAKEN);
  }

  @Test
  void aDamagedFileIsNotTakenForNone() throws IOException {
    offer(RevocationKeeper.open(directory), list(4, 1_000, Set.of(CID)));
    Files.writeString(directory.resolve("revocations.jws"), "e30.e30");

    assertThatThrownBy(() -> RevocationKeeper.open(directory))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("damaged");
  }
}

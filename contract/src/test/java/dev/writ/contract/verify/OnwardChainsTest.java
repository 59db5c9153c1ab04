package dev.writ.contract.verify;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.writ.contract.MalformedException;
import dev.writ.contract.verify.OnwardChains.Onward;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Chains handed over for onward use (protocol.md, section 2). */
class OnwardChainsTest {
  @Test
  void chainsAndTheirIdentitiesAreSplitAndJoined() throws Exception {
    String delegation = "r.r.r, d.d.d ; r.r.r, d.d.d, e.e.e";

    List<Onward> chains = OnwardChains.split(delegation, "i.i.i");

    assertThat(chains)
        .containsExactly(
            new Onward("r.r.r, d.d.d", null), new Onward("r.r.r, d.d.d, e.e.e", "i.i.i"));
    assertThat(OnwardChains.join(chains)).containsExactly(delegation, "i.i.i");
    assertThat(chains.get(0).identitiesWith("own")).isEqualTo("own");
    assertThat(chains.get(1).identitiesWith("own")).isEqualTo("i.i.i, own");
  }

  @Test
  void anythingElseIsRefused() {
    for (String[] bad :
        new String[][] {
          {"r.r.r", null},
          {"", null},
          {"r.r.r, d.d.d", "i.i.i"},
          {"r.r.r, d.d.d, e.e.e", null},
          {"r.r.r,d.d.d", null},
          {"r.r.r, d.d.d; r.r.r, d.d.d", null},
          {"r.r.r, d.d.d ; ", null},
          {"r.r.r, d.d", null},
          {"r.r.r, d.d.d\u00e9", null}
        }) {
      assertThatThrownBy(() -> OnwardChains.split(bad[0], bad[1]))
          .as(bad[0])
          .isInstanceOf(MalformedException.class);
    }
  }
}

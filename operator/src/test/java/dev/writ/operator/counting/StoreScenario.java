package dev.writ.operator.counting;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.writ.operator.counting.LedgerStore.ConflictException;
import dev.writ.operator.counting.LedgerStore.Stored;
import dev.writ.operator.issue.Programs.Place;
import dev.writ.operator.ledger.BootTotals;
import dev.writ.operator.ledger.LedgerState;
import dev.writ.operator.ledger.PathEntry;
import dev.writ.operator.ledger.RateClaim;
import java.util.List;

/** What a store of ledgers has to do, on whatever API server. */
final class StoreScenario {
  static final LedgerState STATE = state(3);

  private StoreScenario() {}

  static LedgerState state(long granted) {
    String cid = "1f0c2a9e-0b1d-4e57-9a55-2f5d8a6f3b11";
    return new LedgerState(
        "47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuFU",
        List.of(
            new PathEntry(
                cid,
                2,
                10,
                4,
                1,
                List.of(
                    new BootTotals("00000000000000a1", "pod-a", granted, 1, 2, 0, false),
                    new BootTotals("00000000000000a0", "pod-a", 5, 0, 4, 1, true)))),
        List.of(new RateClaim(60, 1_795_000_020, "leader")));
  }

  /** Makes, writes, reads, conflicts, deletes. */
  static void play(LedgerStore store, String cid, Place place) throws Exception {
    // What is made is empty and there once
    assertThat(store.load(cid, place)).isEmpty();
    Stored made = store.create(cid, place);
    assertThat(made.state()).isEqualTo(LedgerState.EMPTY);
    assertThatThrownBy(() -> store.create(cid, place)).isInstanceOf(ConflictException.class);
    assertThat(store.load("another-cid", place)).isEmpty();

    // What is written is read
    Stored saved = store.save(made, STATE);
    assertThat(store.load(cid, place)).contains(saved);
    assertThat(saved.state()).isEqualTo(STATE);
    assertThat(store.all()).contains(saved);

    // A write from what is not there any more changes nothing
    assertThatThrownBy(() -> store.save(made, state(9))).isInstanceOf(ConflictException.class);
    assertThat(store.load(cid, place)).contains(saved);

    // Another state replaces it whole
    Stored again = store.save(saved, state(4));
    assertThat(store.load(cid, place).orElseThrow().state()).isEqualTo(state(4));

    // What is not written any more is gone: lists are replaced, not merged
    LedgerState less = new LedgerState("", List.of(), List.of());
    Stored emptied = store.save(again, less);
    assertThat(store.load(cid, place).orElseThrow().state()).isEqualTo(less);

    // What is deleted cannot be written
    store.delete("another-cid", place);
    assertThat(store.load(cid, place)).isPresent();
    store.delete(cid, place);
    assertThatThrownBy(() -> store.save(emptied, STATE)).isInstanceOf(ConflictException.class);
    store.delete(cid, place);
  }
}

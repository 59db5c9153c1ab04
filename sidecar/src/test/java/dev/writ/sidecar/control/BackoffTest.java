package dev.writ.sidecar.control;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class BackoffTest {
  @Test
  void doublesUpToItsBoundAndStartsAnewAfterSuccess() {
    Backoff backoff = new Backoff(new SplittableRandom(1), 100, 1_000);

    assertThat(backoff.next()).isBetween(50L, 100L);
    assertThat(backoff.next()).isBetween(100L, 200L);
    assertThat(backoff.next()).isBetween(200L, 400L);
    assertThat(backoff.next()).isBetween(400L, 800L);
    assertThat(backoff.next()).isBetween(500L, 1_000L);
    assertThat(backoff.next()).isBetween(500L, 1_000L);
    backoff.reset();
    assertThat(backoff.next()).isBetween(50L, 100L);
  }
}

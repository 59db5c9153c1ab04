package dev.writ.sidecar.outbound;

import static org.assertj.core.api.Assertions.assertThat;

import dev.writ.contract.Base64Url;
import dev.writ.contract.MalformedException;
import dev.writ.sidecar.outbound.ReplicaNonces.Ask;
import dev.writ.sidecar.outbound.ReplicaNonces.Nonce;
import dev.writ.sidecar.outbound.ReplicaNonces.Wait;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class ReplicaNoncesTest {
  private final ReplicaNonces nonces = new ReplicaNonces();

  @Test
  void asksBeforeTheFirstCall() {
    assertThat(nonces.take(0, ReplicaNoncesTest::nobody)).isInstanceOf(Ask.class);
  }

  @Test
  void countsFromOneUnderOneChallenge() {
    // Given
    nonces.offer(challenge(1), 0);

    // When
    List<String> values = List.of(take(0).value(), take(0).value(), take(0).value());

    // Then
    String text = challenge(1).text();
    assertThat(values).containsExactly(text + ".1", text + ".2", text + ".3");
  }

  @Test
  void keepsTheConnectionsOfCallsThatBeganAfterItMovedOn() {
    assertThat(nonces.keeps(-1)).isTrue();
    nonces.moveOn(10);
    assertThat(nonces.keeps(10)).isFalse();
    assertThat(nonces.keeps(11)).isTrue();
  }

  @Test
  void goesOnUnderTheOldChallengeWhileItIsGood() {
    // Given
    nonces.offer(challenge(1), 0);
    take(0);

    // When
    nonces.offer(challenge(2), 0);

    // Then
    assertThat(take(0).challenge()).isEqualTo(challenge(1));
  }

  @Test
  void takesTheNextChallengeFromSeq3584On() {
    // Given
    nonces.offer(challenge(1), 0);
    for (int i = 1; i <= ReplicaNonces.RENEW_FROM_SEQ; i++) {
      nonces.answered(take(0));
    }

    // When
    nonces.offer(challenge(2), 0);
    nonces.offer(challenge(3), 0);

    // Then
    assertThat(take(0).challenge()).isEqualTo(challenge(2));
  }

  @Test
  void neverGoesBeyondSeq4096() {
    // Given
    nonces.offer(challenge(1), 0);
    for (int i = 1; i <= ReplicaNonces.LAST_SEQ; i++) {
      nonces.answered(take(0));
    }

    // Then
    assertThat(nonces.take(0, ReplicaNoncesTest::nobody)).isInstanceOf(Ask.class);
  }

  @Test
  void takesAFreshChallengeWhenTheOldOneGrowsOld() {
    // Given
    nonces.offer(challenge(1), 0);
    nonces.answered(take(0));

    // When
    nonces.offer(challenge(2), 480_001);

    // Then
    assertThat(take(480_001).challenge()).isEqualTo(challenge(2));
  }

  @Test
  void asksWhenAnUnusedChallengeIsTooOld() {
    nonces.offer(challenge(1), 0);

    assertThat(nonces.take(599_000, ReplicaNoncesTest::nobody)).isInstanceOf(Ask.class);
  }

  @Test
  void leavesTheChallengeWhenOneReplyHoldsTheWindow() {
    // Given a first call without reply, and a window of answered ones behind it
    nonces.offer(challenge(1), 0);
    take(0);
    for (int i = 2; i <= ReplicaNonces.WINDOW; i++) {
      nonces.answered(take(0));
    }

    // Then
    assertThat(nonces.take(0, ReplicaNoncesTest::nobody)).isInstanceOf(Ask.class);
    nonces.offer(challenge(2), 0);
    assertThat(take(0).challenge()).isEqualTo(challenge(2));
  }

  @Test
  void usesNoSeventeenthChallengeBeforeTheOldestReply() {
    // Given
    Nonce oldest = null;
    for (int i = 1; i <= ReplicaNonces.MAX_SPAN; i++) {
      nonces.offer(challenge(i), 0);
      Nonce first = take(0);
      oldest = oldest == null ? first : oldest;
      for (int seq = 2; seq <= ReplicaNonces.WINDOW; seq++) {
        nonces.answered(take(0));
      }
    }
    int[] woken = {0};

    // When
    var blocked = nonces.take(0, () -> woken[0]++);
    nonces.offer(challenge(17), 0);
    nonces.answered(oldest);

    // Then
    assertThat(blocked).isInstanceOf(Wait.class);
    assertThat(woken[0]).isEqualTo(1);
    assertThat(nonces.take(0, ReplicaNoncesTest::nobody)).isInstanceOf(Ask.class);
    nonces.offer(challenge(18), 0);
    assertThat(take(0).challenge()).isEqualTo(challenge(18));
  }

  @Test
  void forgetsAChallengeThatTheReplicaRefused() {
    // Given
    nonces.offer(challenge(5), 0);
    Nonce refused = take(0);

    // When a replica that began anew counts from below
    nonces.refused(refused);
    nonces.offer(challenge(2), 0);
    nonces.answered(refused);

    // Then
    assertThat(take(0).challenge()).isEqualTo(challenge(2));
  }

  @Test
  void oneRefusalDoesNotEndTheChallengeThatFollowed() {
    // Given two calls under a challenge that died
    nonces.offer(challenge(1), 0);
    Nonce one = take(0);
    Nonce two = take(0);
    nonces.refused(one);
    nonces.offer(challenge(2), 0);
    assertThat(take(0).challenge()).isEqualTo(challenge(2));

    // When
    nonces.refused(two);
    nonces.offer(challenge(3), 0);

    // Then
    assertThat(take(0).challenge()).isEqualTo(challenge(2));
  }

  @Test
  void anAnswerCountsOnce() {
    // Given
    nonces.offer(challenge(1), 0);
    Nonce nonce = take(0);
    Nonce open = take(0);

    // When
    nonces.answered(nonce);
    nonces.answered(nonce);

    // Then the other is still open: a challenge in its place must not push it out
    for (int i = 3; i <= ReplicaNonces.WINDOW + 1; i++) {
      nonces.answered(take(0));
    }
    assertThat(open.seq()).isEqualTo(2);
    assertThat(nonces.take(0, ReplicaNoncesTest::nobody)).isInstanceOf(Ask.class);
  }

  /**
   * Random callers against the replica's rules, written down independently: window, highest seq, 16
   * windows per key, lowest dropped first. No honest call may be refused.
   */
  @Test
  void anHonestCallerIsNeverRefused() {
    for (long seed = 1; seed <= 200; seed++) {
      new Simulation(seed).run();
    }
  }

  private static void nobody() {}

  private Nonce take(long now) {
    return (Nonce) nonces.take(now, ReplicaNoncesTest::nobody);
  }

  static Challenge challenge(long issued) {
    byte[] bytes = new byte[41];
    ByteBuffer.wrap(bytes).put((byte) 1).putLong(7).putLong(issued);
    try {
      return Challenge.parse(Base64Url.encode(bytes));
    } catch (MalformedException e) {
      throw new IllegalStateException(e);
    }
  }

  private static final class Simulation {
    private final SplittableRandom random;
    private final long seed;
    private final ReplicaNonces client = new ReplicaNonces();
    private final Map<Long, Long> highest = new HashMap<>();
    private final List<Long> windows = new ArrayList<>();
    private final Deque<Nonce> travelling = new ArrayDeque<>();
    private final List<Nonce> inside = new ArrayList<>();
    private long watermark;
    private long issued;
    private long now;

    Simulation(long seed) {
      this.seed = seed;
      this.random = new SplittableRandom(seed);
    }

    void run() {
      int connections = 1 + random.nextInt(1, 200);
      for (int step = 0; step < 30_000; step++) {
        now += random.nextInt(50);
        if (travelling.size() + inside.size() < connections && random.nextBoolean()) {
          send();
        } else if (!travelling.isEmpty() && random.nextInt(3) > 0) {
          arrive();
        } else if (!inside.isEmpty()) {
          reply(inside.remove(random.nextInt(inside.size())));
        }
      }
    }

    private void send() {
      switch (client.take(now, ReplicaNoncesTest::nobody)) {
        case Nonce nonce -> {
          // Connections overtake each other.
          if (random.nextBoolean()) {
            travelling.addLast(nonce);
          } else {
            travelling.addFirst(nonce);
          }
        }
        case Ask _ -> client.offer(challenge(++issued), now);
        case Wait _ -> {}
      }
    }

    private void arrive() {
      Nonce nonce = travelling.removeFirst();
      long id = nonce.challenge().issued();
      assertThat(id).as("seed %s: challenge below the watermark", seed).isGreaterThan(watermark);
      assertThat(nonce.seq()).isLessThanOrEqualTo(4_096);
      if (!windows.contains(id)) {
        windows.add(id);
        windows.sort(null);
        if (windows.size() > 16) {
          watermark = windows.removeFirst();
          assertThat(watermark).as("seed %s: the new one is dropped", seed).isNotEqualTo(id);
        }
      }
      long top = Math.max(highest.getOrDefault(id, 0L), nonce.seq());
      highest.put(id, top);
      assertThat((long) nonce.seq())
          .as("seed %s: below the window", seed)
          .isGreaterThan(top - 1_024);
      inside.add(nonce);
    }

    private void reply(Nonce nonce) {
      if (nonce.seq() >= 3_584) {
        client.offer(challenge(++issued), now);
      }
      client.answered(nonce);
    }
  }
}

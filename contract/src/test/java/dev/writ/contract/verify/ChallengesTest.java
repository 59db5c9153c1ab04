package dev.writ.contract.verify;

import static org.assertj.core.api.Assertions.assertThat;

import dev.writ.contract.Base64Url;
import dev.writ.contract.Digests;
import dev.writ.contract.verify.Window.Verdict;
import java.security.SecureRandom;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Each proof at most once, whatever is dropped, drawn anew or too old in between (Replay.tla). */
class ChallengesTest {
  private static final Moment START = new Moment(1_795_369_261L, 1_000_000);
  private static final String JKT = jkt(0);

  private final Challenges challenges = new Challenges(new SecureRandom(), START, 64);

  private static String jkt(int i) {
    return Base64Url.encode(Digests.sha256("key " + i));
  }

  /** The same distance of both clocks. */
  private static Moment after(long millis) {
    return new Moment(START.epochSeconds() + millis / 1_000, START.monotonicMillis() + millis);
  }

  private Nonce nonce(String challenge, int seq, Moment now) {
    return challenges.check(challenge, String.valueOf(seq), JKT, now);
  }

  @Test
  void aMintedChallengeChecksForItsKeyAlone() throws Exception {
    String challenge = challenges.mint(JKT, START);

    assertThat(nonce(challenge, 1, START)).isNotNull();
    assertThat(challenges.check(challenge, "1", jkt(1), START)).isNull();
    assertThat(new Challenges(new SecureRandom(), START, 64).check(challenge, "1", JKT, START))
        .isNull();
    for (String seq : List.of("", "0", "01", "4097", "99999999999999999999", "-1", "+1")) {
      assertThat(seq.matches("[0-9]*") ? challenges.check(challenge, seq, JKT, START) : null)
          .as(seq)
          .isNull();
    }
    assertThat(challenges.check(challenge, "4096", JKT, START)).isNotNull();
  }

  @Test
  void noTwoChallengesAreEqual() throws Exception {
    Set<String> seen = new HashSet<>();
    for (int i = 0; i < 10_000; i++) {
      assertThat(seen.add(challenges.mint(JKT, START))).isTrue();
    }
  }

  @Test
  void twoCopiesAroundAnEvictionAreAdmittedOnce() throws Exception {
    // Given two copies of one proof that both passed step 3
    String challenge = challenges.mint(JKT, START);
    Nonce first = nonce(challenge, 1, START);
    Nonce second = nonce(challenge, 1, START);
    assertThat(challenges.spend(first, JKT, START)).isEqualTo(Verdict.ADMITTED);

    // When the window is dropped between them
    for (int i = 0; i < 16; i++) {
      Nonce other = nonce(challenges.mint(JKT, START), 1, START);
      assertThat(challenges.spend(other, JKT, START)).isEqualTo(Verdict.ADMITTED);
    }

    // Then the second finds no window, and makes none
    assertThat(challenges.spend(second, JKT, START)).isEqualTo(Verdict.UNKNOWN);
  }

  @Test
  void twoCopiesAroundADroppedKeyAreAdmittedOnce() throws Exception {
    String challenge = challenges.mint(JKT, START);
    Nonce first = nonce(challenge, 1, START);
    Nonce second = nonce(challenge, 1, START);
    assertThat(challenges.spend(first, JKT, START)).isEqualTo(Verdict.ADMITTED);

    for (int i = 1; i <= 64; i++) {
      Nonce other = challenges.check(challenges.mint(jkt(i), START), "1", jkt(i), START);
      assertThat(challenges.spend(other, jkt(i), START)).isEqualTo(Verdict.ADMITTED);
    }

    assertThat(challenges.spend(second, JKT, START)).isEqualTo(Verdict.UNKNOWN);
    assertThat(nonce(challenge, 2, START)).as("the global watermark rose").isNull();
    // A newer challenge gives the key new state; the old one stays closed under it.
    Nonce newer = nonce(challenges.mint(JKT, START), 1, START);
    assertThat(challenges.spend(newer, JKT, START)).isEqualTo(Verdict.ADMITTED);
    assertThat(challenges.spend(second, JKT, START)).isEqualTo(Verdict.UNKNOWN);
  }

  @Test
  void twoCopiesAroundAReKeyAreAdmittedOnce() throws Exception {
    String challenge = challenges.mint(JKT, START);
    Nonce first = nonce(challenge, 1, START);
    Nonce second = nonce(challenge, 1, START);
    assertThat(challenges.spend(first, JKT, START)).isEqualTo(Verdict.ADMITTED);

    // The process was suspended: the wall clock went on, the monotonic one did not.
    Moment jumped = new Moment(START.epochSeconds() + 6, START.monotonicMillis());
    assertThat(nonce(challenge, 2, jumped)).isNull();

    assertThat(challenges.spend(second, JKT, jumped)).isEqualTo(Verdict.UNKNOWN);
    assertThat(nonce(challenges.mint(JKT, jumped), 1, jumped)).isNotNull();
  }

  @Test
  void aJumpIsSeenInStepElevenToo() throws Exception {
    Nonce nonce = nonce(challenges.mint(JKT, START), 1, START);

    Moment jumped = new Moment(START.epochSeconds() - 6, START.monotonicMillis());

    assertThat(challenges.spend(nonce, JKT, jumped)).isEqualTo(Verdict.UNKNOWN);
  }

  @Test
  void clocksThatPartByFiveSecondsChangeNothing() throws Exception {
    String challenge = challenges.mint(JKT, START);

    assertThat(nonce(challenge, 1, new Moment(START.epochSeconds() + 5, START.monotonicMillis())))
        .isNotNull();
  }

  @Test
  void twoCopiesAroundAnExpiryAreAdmittedOnce() throws Exception {
    String challenge = challenges.mint(JKT, START);
    Nonce first = nonce(challenge, 1, START);
    Nonce second = nonce(challenge, 1, START);
    assertThat(challenges.spend(first, JKT, START)).isEqualTo(Verdict.ADMITTED);
    // Another call saw the challenge too old; a slow one still holds an earlier reading of the
    // clock.
    Nonce late = nonce(challenges.mint(JKT, after(600_000)), 1, after(600_000));
    assertThat(challenges.spend(late, JKT, after(600_001))).isEqualTo(Verdict.ADMITTED);

    assertThat(challenges.spend(second, JKT, after(10))).isEqualTo(Verdict.UNKNOWN);
  }

  @Test
  void aChallengeLivesTenMinutes() throws Exception {
    String challenge = challenges.mint(JKT, START);

    assertThat(nonce(challenge, 1, after(600_000))).isNotNull();
    assertThat(nonce(challenge, 1, after(600_001))).isNull();
  }

  @Test
  void aThousandConcurrentCopiesAreAdmittedOnce() throws Exception {
    String challenge = challenges.mint(JKT, START);
    AtomicInteger admitted = new AtomicInteger();
    CountDownLatch start = new CountDownLatch(1);
    try (ExecutorService threads = Executors.newFixedThreadPool(16)) {
      List<Future<Verdict>> copies =
          IntStream.range(0, 1_000)
              .mapToObj(
                  i ->
                      threads.submit(
                          (Callable<Verdict>)
                              () -> {
                                start.await();
                                Nonce nonce = nonce(challenge, 7, START);
                                return challenges.spend(nonce, JKT, START);
                              }))
              .toList();
      start.countDown();
      for (Future<Verdict> copy : copies) {
        Verdict verdict = copy.get();
        assertThat(verdict).isNotEqualTo(Verdict.UNKNOWN);
        admitted.addAndGet(verdict == Verdict.ADMITTED ? 1 : 0);
      }
    }
    assertThat(admitted).hasValue(1);
  }

  /** Threads mint, copy, evict and re-key at random; each (challenge, seq) may be admitted once. */
  @Test
  void nothingIsAdmittedTwiceUnderRandomConcurrency() throws Exception {
    Set<String> admitted = ConcurrentHashMap.newKeySet();
    List<String> minted = new java.util.concurrent.CopyOnWriteArrayList<>();
    AtomicInteger twice = new AtomicInteger();
    try (ExecutorService threads = Executors.newFixedThreadPool(4)) {
      List<Future<?>> done =
          IntStream.range(0, 4)
              .<Future<?>>mapToObj(
                  t ->
                      threads.submit(
                          () -> {
                            Random random = new Random(Seeds.seed() + t);
                            for (int i = 0; i < 20_000; i++) {
                              step(random, minted, admitted, twice);
                            }
                            return null;
                          }))
              .toList();
      for (Future<?> future : done) {
        future.get();
      }
    }
    assertThat(twice).as("seed " + Seeds.seed()).hasValue(0);
    assertThat(admitted).isNotEmpty();
    assertThat(challenges.windows()).isLessThanOrEqualTo(64);
  }

  private void step(Random random, List<String> minted, Set<String> admitted, AtomicInteger twice)
      throws Exception {
    int key = random.nextInt(8);
    if (random.nextInt(20) == 0 && minted.size() < 2_000) {
      minted.add(key + ":" + challenges.mint(jkt(key), START));
    }
    if (minted.isEmpty()) {
      return;
    }
    // Mostly the newest: older ones are closed soon.
    String entry = minted.get(Math.max(0, minted.size() - 1 - random.nextInt(40)));
    int colon = entry.indexOf(':');
    String jkt = jkt(Integer.parseInt(entry.substring(0, colon)));
    Moment now =
        random.nextInt(3_000) == 0
            ? new Moment(START.epochSeconds() + random.nextInt(20), START.monotonicMillis())
            : START;
    int seq = 1 + random.nextInt(1_500);
    Nonce nonce = challenges.check(entry.substring(colon + 1), String.valueOf(seq), jkt, now);
    if (nonce != null
        && challenges.spend(nonce, jkt, now) == Verdict.ADMITTED
        && !admitted.add(entry + "." + seq)) {
      twice.incrementAndGet();
    }
  }

  @Test
  void anHonestClientWithSixteenChallengesIsNeverRefused() throws Exception {
    List<String> mine = new java.util.ArrayList<>();
    for (int i = 0; i < 16; i++) {
      mine.add(challenges.mint(JKT, START));
    }
    for (int seq = 1; seq <= 4_096; seq++) {
      for (String challenge : mine) {
        assertThat(challenges.spend(nonce(challenge, seq, START), JKT, START))
            .isEqualTo(Verdict.ADMITTED);
      }
    }
  }

  @Test
  void theWindowForgetsNothing() {
    // Given a naive memory of everything
    Random random = Seeds.random();
    Window window = new Window();
    Set<Integer> seen = new HashSet<>();
    int highest = 0;
    for (int i = 0; i < 200_000; i++) {
      int seq = 1 + Math.min(4_095, random.nextInt(1 + i / 40 + 10));
      Verdict expected =
          seq <= highest - 1_024
              ? Verdict.UNKNOWN
              : seen.contains(seq) ? Verdict.REPLAYED : Verdict.ADMITTED;
      // When, then
      assertThat(window.offer(seq)).as("seq %d of seed %d", seq, Seeds.seed()).isEqualTo(expected);
      if (expected == Verdict.ADMITTED) {
        seen.add(seq);
        highest = Math.max(highest, seq);
      }
    }
  }

  @Test
  void aMillionChallengesKeepNoState() throws Exception {
    for (int i = 0; i < 1_000_000; i++) {
      challenges.mint(JKT, START);
    }
    assertThat(challenges.windows()).isZero();
  }

  @Test
  void aHundredThousandHoldersStayWithinTheBound() throws Exception {
    Challenges bounded = new Challenges(new SecureRandom(), START, 1_024);
    for (int i = 0; i < 100_000; i++) {
      String jkt = jkt(i);
      Nonce nonce = bounded.check(bounded.mint(jkt, START), "1", jkt, START);
      assertThat(bounded.spend(nonce, jkt, START)).isEqualTo(Verdict.ADMITTED);
      assertThat(bounded.windows()).isLessThanOrEqualTo(1_024);
    }
  }
}

package dev.writ.contract.quota;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.writ.contract.MalformedException;
import dev.writ.contract.quota.AllowanceAnswer.WindowState;
import dev.writ.contract.quota.AllowanceRequest.Closing;
import dev.writ.contract.quota.AllowanceRequest.Counter;
import dev.writ.contract.quota.AllowanceRequest.Settled;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class AllowanceMessagesTest {
  private static final String ROOT = "1f0c2a9e-0b1d-4e57-9a55-2f5d8a6f3b11";
  private static final String CHILD = ROOT + "/2f0c2a9e-0b1d-4e57-9a55-2f5d8a6f3b12";
  private static final String BOOT = "00c0ffee00c0ffee";

  private static AllowanceRequest request() throws MalformedException {
    return new AllowanceRequest(
        BOOT,
        List.of(
            new AllowanceRequest.Item(ROOT, 1000, 40, 3, 17, false),
            new AllowanceRequest.Item(CHILD, 100, 41, 0, 5, true)),
        List.of(new AllowanceRequest.Rate(ROOT, 60, 60, 1_795_369_260, 8)),
        new Closing(
            List.of(
                new Settled(
                    "00c0ffee00c0ffed", List.of(new Counter(CounterName.parse("~" + CHILD), 7)))),
            List.of(BOOT, "00c0ffee00c0ffed")));
  }

  @Test
  void aRequestIsReadAsItWasWritten() throws MalformedException {
    // Given
    AllowanceRequest request = request();

    // When
    AllowanceRequest read = AllowanceRequest.parse(request.bytes());

    // Then
    assertThat(read).isEqualTo(request);
    assertThat(read.json()).isEqualTo(request.json());
  }

  @Test
  void anAnswerIsReadAsItWasWritten() throws MalformedException {
    // Given
    AllowanceAnswer answer =
        new AllowanceAnswer(
            List.of(new AllowanceAnswer.Item(ROOT, 40, true, 1000, 983)),
            List.of(new AllowanceAnswer.Rate(ROOT, 1_795_369_260, 8, 41_000, WindowState.CLAIMED)),
            List.of("00c0ffee00c0ffed"));

    // When
    AllowanceAnswer read = AllowanceAnswer.parse(answer.json().getBytes(UTF_8));

    // Then
    assertThat(read).isEqualTo(answer);
    assertThat(answer.json()).contains("\"final\":true").contains("\"state\":\"claimed\"");
  }

  @Test
  void everyTruncatedRequestIsRefused() throws MalformedException {
    // Given
    byte[] whole = request().bytes();

    // When, Then
    for (int length = 0; length < whole.length; length++) {
      byte[] part = java.util.Arrays.copyOf(whole, length);
      assertThatThrownBy(() -> AllowanceRequest.parse(part)).isInstanceOf(MalformedException.class);
    }
  }

  @Test
  void aChangedByteIsRefusedOrReadAsAnotherRequest() throws MalformedException {
    // Given
    byte[] whole = request().bytes();
    long seed = 4711;
    SplittableRandom random = new SplittableRandom(seed);

    // When, Then
    for (int i = 0; i < 20_000; i++) {
      byte[] changed = whole.clone();
      changed[random.nextInt(changed.length)] = (byte) random.nextInt(128);
      try {
        AllowanceRequest read = AllowanceRequest.parse(changed);
        assertThat(read.bytes()).as("seed %d", seed).isEqualTo(changed);
      } catch (MalformedException e) {
        assertThat(e).hasMessageNotContaining("null");
      }
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{}",
        "{\"boot\":\"00c0ffee00c0ffee\",\"items\":[],\"rates\":[]} ",
        "{\"boot\":\"00c0ffee00c0ffee\",\"items\":[],\"rates\":[],\"more\":1}",
        "{\"boot\":\"00c0ffee00c0ffee\",\"boot\":\"00c0ffee00c0ffee\",\"items\":[],\"rates\":[]}",
        "{\"boot\":\"00C0FFEE00c0ffee\",\"items\":[],\"rates\":[]}",
        "{\"boot\":\"00c0ffee\",\"items\":[],\"rates\":[]}",
        "{\"boot\":\"00c0ffee00c0ffee\",\"items\":{},\"rates\":[]}",
        "{\"boot\":\"00c0ffee00c0ffee\",\"items\":[],\"rates\":[],\"closing\":null}",
        "{\"boot\":\"00c0ffee00c0ffee\",\"items\":[],\"rates\":[],\"closing\":{}}",
        "{\"boot\":\"00c0ffee00c0ffee\",\"items\":[],\"rates\":[],"
            + "\"closing\":{\"settled\":[],\"known\":[7]}}",
        "{\"boot\":\"00c0ffee00c0ffee\",\"items\":[{\"path\":\"root\",\"limit\":1,\"need\":1,"
            + "\"returned\":0,\"spent\":0,\"leaf\":true}],\"rates\":[]}",
        "{\"boot\":\"00c0ffee00c0ffee\",\"items\":[{\"path\":"
            + "\"1f0c2a9e-0b1d-4e57-9a55-2f5d8a6f3b11\",\"limit\":1,\"need\":-1,"
            + "\"returned\":0,\"spent\":0,\"leaf\":true}],\"rates\":[]}"
      })
  void whatIsNotExactlyARequestIsRefused(String text) {
    assertThatThrownBy(() -> AllowanceRequest.parse(text.getBytes(UTF_8)))
        .isInstanceOf(MalformedException.class);
  }

  @Test
  void aPathThatComesTwiceIsRefused() {
    // Given
    AllowanceRequest.Item item = new AllowanceRequest.Item(ROOT, 1, 1, 0, 0, true);
    AllowanceRequest twice = new AllowanceRequest(BOOT, List.of(item, item), List.of(), null);

    // When, Then
    assertThatThrownBy(() -> AllowanceRequest.parse(twice.bytes())).hasMessageContaining("twice");
  }

  @Test
  void aCounterCountsForTheBlocksWithoutMark() throws MalformedException {
    // When
    CounterName both = CounterName.of(CHILD, new boolean[] {true, true});
    CounterName leaf = CounterName.of(CHILD, new boolean[] {false, true});
    CounterName root = CounterName.parse(ROOT + "/~" + CHILD.substring(37));

    // Then
    assertThat(both.counted()).containsExactly(ROOT, CHILD);
    assertThat(leaf.counted()).containsExactly(CHILD);
    assertThat(root.counted()).containsExactly(ROOT);
    assertThat(List.of(both.path(), leaf.path(), root.path())).containsOnly(CHILD);
    assertThat(CounterName.parse(leaf.text())).isEqualTo(leaf);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "~",
        "~1f0c2a9e-0b1d-4e57-9a55-2f5d8a6f3b11",
        "~~1f0c2a9e-0b1d-4e57-9a55-2f5d8a6f3b11",
        "1f0c2a9e~-0b1d-4e57-9a55-2f5d8a6f3b11",
        "1f0c2a9e-0b1d-4e57-9a55-2f5d8a6f3b11/",
        "1f0c2a9e-0b1d-4e57-9a55-2f5d8a6f3b11~"
      })
  void whatIsNoCounterIsRefused(String text) {
    assertThatThrownBy(() -> CounterName.parse(text)).isInstanceOf(MalformedException.class);
  }

  @Test
  void onlyWholeCidsMakeAPathLieBelowAnother() {
    assertThat(CounterPath.isAtOrBelow(CHILD, ROOT)).isTrue();
    assertThat(CounterPath.isAtOrBelow(ROOT, ROOT)).isTrue();
    assertThat(CounterPath.isAtOrBelow(ROOT, CHILD)).isFalse();
    assertThat(CounterPath.isAtOrBelow(ROOT + "x", ROOT)).isFalse();
    assertThat(CounterPath.lineage(CHILD)).containsExactly(ROOT, CHILD);
    assertThat(CounterPath.root(CHILD)).isEqualTo(ROOT);
    assertThat(CounterPath.isValid((ROOT + "/").repeat(5) + ROOT)).isFalse();
  }
}

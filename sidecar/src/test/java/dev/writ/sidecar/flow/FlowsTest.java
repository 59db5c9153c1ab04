package dev.writ.sidecar.flow;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Who has to go when there is no room for more, and that there never is more than was said. */
final class FlowsTest {
  private static final int KIB = 1_024;
  private final List<Flow> gone = new ArrayList<>();

  private Flow begin(Flows flows, Flows.Line line) {
    Flow[] made = new Flow[1];
    made[0] = flows.begin(line, () -> gone.add(made[0]));
    return made[0];
  }

  private Flow begin(Flows flows) {
    return begin(flows, new Flows.Line());
  }

  @Test
  void whoseCallerTakesNothingForLongestMakesRoomForOthers() {
    // Given
    FlowMemory memory = new FlowMemory(400, 1);
    Flows flows = new Flows(memory);
    Flow first = begin(flows);
    Flow second = begin(flows);
    Flow third = begin(flows);
    List.of(first, second, third).forEach(flow -> assertThat(flow.take(100)).isTrue());
    // Given: the first is read, though not all of it
    first.moved(40);
    assertThat(begin(flows).take(100)).isTrue();
    // When
    boolean taken = begin(flows).take(100);
    // Then
    assertThat(taken).isTrue();
    assertThat(gone).containsExactly(second);
    assertThat(second.isEnded()).isTrue();
    assertThat(memory.held()).isEqualTo(360);
  }

  @Test
  void whoHasEndedHoldsNothingWhateverComesLater() {
    // Given
    FlowMemory memory = new FlowMemory(400, 1);
    Flow flow = begin(new Flows(memory));
    assertThat(flow.take(100)).isTrue();
    // When
    flow.end();
    flow.moved(100);
    flow.release(100);
    flow.end();
    // Then
    assertThat(flow.take(1)).isFalse();
    assertThat(memory.held()).isZero();
    assertThat(gone).isEmpty();
  }

  @Test
  void oneConnectionPaysWithItsOwn() {
    // Given
    Flows flows = new Flows(new FlowMemory(400, 1));
    Flow other = begin(flows);
    assertThat(other.take(100)).isTrue();
    Flows.Line line = new Flows.Line();
    Flow first = begin(flows, line);
    assertThat(first.take(60)).isTrue();
    // When: a quarter of all is what one may hold
    boolean taken = begin(flows, line).take(60);
    // Then
    assertThat(taken).isTrue();
    assertThat(gone).containsExactly(first);
    assertThat(other.isEnded()).isFalse();
  }

  @Test
  void whoseOtherWayHasToGoGoesWithIt() {
    // Given: the two ways of a tunnel
    FlowMemory memory = new FlowMemory(400, 1);
    Flows flows = new Flows(memory);
    Flows.Line line = new Flows.Line();
    Flow back = begin(flows, line);
    Flow there = flows.begin(line, back::end);
    assertThat(there.take(80)).isTrue();
    // When
    boolean taken = back.take(80);
    // Then
    assertThat(taken).isFalse();
    assertThat(back.held()).isZero();
    assertThat(memory.held()).isZero();
  }

  @Test
  void whatNeverFitsEndsItself() {
    // Given
    Flows flows = new Flows(new FlowMemory(400, 1));
    Flow flow = begin(flows);
    // When
    boolean taken = flow.take(101);
    // Then
    assertThat(taken).isFalse();
    assertThat(gone).containsExactly(flow);
  }

  @Test
  void aLoopWithinItsShareIsNotRefusedBecauseAnotherHoldsAll() {
    // Given
    FlowMemory memory = new FlowMemory(400, 2);
    Flows full = new Flows(memory);
    for (int i = 0; i < 4; i++) {
      assertThat(begin(full).take(100)).isTrue();
    }
    Flows other = new Flows(memory);
    Flow within = begin(other);
    // When
    boolean taken = within.take(100);
    boolean more = begin(other).take(100);
    boolean beyond = begin(other).take(100);
    // Then
    assertThat(List.of(taken, more, beyond)).containsOnly(true);
    assertThat(gone).as("the third of the loop itself had to make room").containsExactly(within);
    // When: the loop that holds more than its share wants more
    assertThat(begin(full).take(10)).isTrue();
    // Then: it gives back until all is within the bound
    assertThat(memory.held()).isLessThanOrEqualTo(400);
  }

  @Test
  void whateverComesNoMoreIsHeldThanTwiceTheBound() {
    long seed = new Random().nextLong();
    Random random = new Random(seed);
    int bound = 1_000 * KIB;
    FlowMemory memory = new FlowMemory(bound, 3);
    List<Flows> loops = List.of(new Flows(memory), new Flows(memory), new Flows(memory));
    List<Flow> open = new ArrayList<>();
    List<Flows.Line> lines = new ArrayList<>();
    long most = 0;
    for (int step = 0; step < 100_000; step++) {
      if (open.size() < 200 && random.nextInt(3) == 0) {
        lines.add(random.nextBoolean() || lines.isEmpty() ? new Flows.Line() : lines.getLast());
        // A line belongs to one loop.
        open.add(begin(loops.get(lines.getLast().hashCode() % 3), lines.getLast()));
      }
      if (open.isEmpty()) {
        continue;
      }
      Flow flow = open.get(random.nextInt(open.size()));
      switch (random.nextInt(4)) {
        case 0, 1 -> flow.take(random.nextInt(64 * KIB));
        case 2 -> flow.moved(random.nextInt((int) flow.held() + 1));
        default -> {
          if (random.nextInt(4) == 0) {
            flow.end();
          } else {
            flow.release(random.nextInt((int) flow.held() + 1));
          }
        }
      }
      open.removeIf(Flow::isEnded);
      long sum = open.stream().mapToLong(Flow::held).sum();
      assertThat(memory.held()).as("seed %s, step %s", seed, step).isEqualTo(sum);
      most = Math.max(most, sum);
    }
    assertThat(most).as("seed %s", seed).isLessThan(2 * bound).isGreaterThan(bound / 2);
    assertThat(gone).as("seed %s", seed).isNotEmpty();
  }
}

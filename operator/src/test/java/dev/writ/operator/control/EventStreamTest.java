package dev.writ.operator.control;

import static org.assertj.core.api.Assertions.assertThat;

import dev.writ.operator.revoke.SignedList;
import org.junit.jupiter.api.Test;

class EventStreamTest {
  private final EventStream stream = new EventStream();

  @Test
  void aSlowReaderGetsTheLastListAndTheRefreshBeforeIt() throws Exception {
    // Given
    stream.offer(new SignedList(1, 1, "one"));
    stream.offer(new SignedList(3, 3, "three"));
    stream.offer(new SignedList(2, 2, "two"));
    stream.refresh(4);
    // When
    String lines = stream.next(0);
    // Then
    assertThat(lines)
        .isEqualTo(
            """
            event: refresh
            data: {"epoch":4}

            event: revocations
            data: {"epoch":3,"list":"three"}

            """);
  }

  @Test
  void eachRecalledCapabilityIsNamedOnceHoweverOftenItWasRecalled() throws Exception {
    // Given
    stream.recall("b");
    stream.recall("a");
    stream.recall("b");
    // When
    String lines = stream.next(0);
    // Then
    assertThat(lines)
        .isEqualTo(
            """
            event: recall
            data: {"cid":"a"}

            event: recall
            data: {"cid":"b"}

            """);
    assertThat(stream.next(0)).isEqualTo(": still here\n\n");
  }

  @Test
  void silenceIsAComment() throws Exception {
    assertThat(stream.next(1)).isEqualTo(": still here\n\n");
  }

  @Test
  void aClosedStreamEnds() throws Exception {
    stream.offer(new SignedList(1, 1, "one"));
    stream.close();
    assertThat(stream.next(1000)).isNull();
  }
}

package dev.writ.sidecar.control;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.writ.sidecar.control.SseReader.Event;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class SseReaderTest {
  private static List<Event> read(String stream) throws IOException {
    SseReader reader =
        new SseReader(new ByteArrayInputStream(stream.getBytes(StandardCharsets.UTF_8)), () -> 7);
    List<Event> events = new ArrayList<>();
    for (Event event = reader.next(); event != null; event = reader.next()) {
      events.add(event);
    }
    return events;
  }

  @Test
  void readsEventsBetweenComments() throws IOException {
    String stream =
        """
        : hello

        event: refresh
        data: {"epoch":1}

        :

        event:revocations
        data:a
        data: b

        """;

    assertThat(read(stream))
        .containsExactly(new Event("refresh", "{\"epoch\":1}"), new Event("revocations", "a\nb"));
  }

  @Test
  void linesEndInAnyWay() throws IOException {
    assertThat(read("event: a\r\ndata: 1\r\n\r\nevent: b\rdata: 2\r\r"))
        .containsExactly(new Event("a", "1"), new Event("b", "2"));
  }

  @Test
  void anEventWithoutNameIsAMessageAndOneWithoutDataIsNone() throws IOException {
    assertThat(read("event: x\n\ndata: 1\n\n")).containsExactly(new Event("message", "1"));
  }

  @Test
  void whatTheEndCutsOffIsDropped() throws IOException {
    assertThat(read("event: a\ndata: 1\n")).isEmpty();
    assertThat(read("event: a\ndata: 1")).isEmpty();
  }

  @Test
  void anEndlessLineIsRefused() {
    assertThatThrownBy(() -> read("data: " + "x".repeat(5 << 20)))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("too long");
  }

  @Test
  void endlessDataIsRefused() {
    assertThatThrownBy(() -> read(("data: " + "x".repeat(1 << 20) + "\n").repeat(5)))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("too large");
  }
}

package dev.writ.contract.json;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.writ.contract.MalformedException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;

/** How much a text may cost that is read into memory; what it may say, the vectors tell. */
class StrictJsonTest {
  private static final int MIB = 1 << 20;

  /** An array of so many of these as fit. */
  private static byte[] array(int bytes, String item) {
    return ("[" + (item + ",").repeat((bytes - 2) / (item.length() + 1) - 1) + item + "]")
        .getBytes(StandardCharsets.UTF_8);
  }

  @Test
  void aTextOfVeryManyValuesIsRefusedBeforeItFillsTheMemory() {
    for (String item : List.of("{}", "{\"\":0}", "0", "[]", "\"\"", "[{}]", "{\"a\":{}}")) {
      // When, Then
      assertThatThrownBy(() -> StrictJson.body(array(MIB, item)))
          .as(item)
          .isInstanceOf(MalformedException.class)
          .hasMessageContaining("too many values");
    }
  }

  @Test
  void whatAgentsSendIsReadUpToTheLimitOfBodies() throws MalformedException {
    for (String item :
        List.of(
            "-0.0123456",
            "{\"id\":1234567,\"name\":\"Jane"
                + " Doe\",\"amount\":12.5,\"currency\":\"EUR\",\"ok\":true}",
            "\"a sentence of some words, as models like to write them\"")) {
      // When
      JsonValue value = StrictJson.body(array(MIB, item));
      // Then
      assertThat(((JsonValue.JsonArray) value).items()).as(item).hasSizeGreaterThan(10_000);
    }
  }
}

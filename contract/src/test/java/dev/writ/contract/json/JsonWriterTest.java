package dev.writ.contract.json;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.writ.contract.json.JsonValue.JsonArray;
import dev.writ.contract.json.JsonValue.JsonString;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

final class JsonWriterTest {
  private static final List<String> PIECES =
      List.of(
          "a",
          "plain text",
          "\"",
          "\\",
          "\n",
          "\r",
          "\t",
          "\b",
          "\0",
          "\u001f",
          " ",
          "\u007f",
          "\u0080",
          "\u00e9",
          "\u2028",
          "\ud7ff",
          "\ue000",
          "\uffff",
          "\ud83d\ude00");

  @Test
  void whateverIsWrittenReadsTheSame() throws Exception {
    long seed = new Random().nextLong();
    Random random = new Random(seed);
    for (int round = 0; round < 5_000; round++) {
      StringBuilder text = new StringBuilder();
      for (int i = random.nextInt(12); i > 0; i--) {
        text.append(PIECES.get(random.nextInt(PIECES.size())));
      }
      assertThat(read(text.toString())).as("seed " + seed).isEqualTo(text.toString());
    }
  }

  @Test
  void aLoneSurrogateBecomesTheReplacementCharacter() throws Exception {
    assertThat(read("\ud83d")).isEqualTo("\ufffd");
    assertThat(read("a\ude00b")).isEqualTo("a\ufffdb");
    assertThat(read("\ud83d\ud83d\ude00\"")).isEqualTo("\ufffd\ud83d\ude00\"");
  }

  private static String read(String text) throws Exception {
    byte[] json = new JsonWriter().beginArray().value(text).endArray().toString().getBytes(UTF_8);
    return ((JsonString) ((JsonArray) StrictJson.body(json)).items().getFirst()).value();
  }
}

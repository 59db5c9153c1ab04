package dev.writ.contract.grant;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.writ.contract.MalformedException;
import dev.writ.contract.json.StrictJson;
import dev.writ.contract.verify.Mutations;
import dev.writ.contract.verify.Seeds;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * What the gate reads is what the app reads: for a body that is accepted here, the parsers that
 * agents use see the same value, or none. A language that this machine lacks is left out.
 */
class ParserDifferentialIT {
  private static final List<String> BODIES =
      List.of(
          "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"tools/call\",\"params\":{\"name\":\"transfer\",\"arguments\":{\"amount\":500,\"to\":\"b\u00fcro"
              + " \ud83d\ude00\"}}}",
          "{\"jsonrpc\":\"2.0\",\"id\":\"a\",\"method\":\"SendMessage\",\"params\":{\"message\":{"
              + "\"messageId\":\"m\",\"parts\":[{\"data\":{\"skill\":\"transfer\",\"amount\":1e2}}]}}}",
          " {\"amount\": -0.50, \"ok\":[true,false,null,{\"a\":[]}], \"t\":\"\\u0041\\n"
              + "\\/\\\"\"} ");
  private static final List<String> SPLICES =
      List.of(
          "\"name\":\"x\",",
          "\"Name\":\"x\",",
          "\"METHOD\":\"ping\",",
          "\"na\\u006de\":\"x\",",
          "\"\uff4e\uff41\uff4d\uff45\":\"x\",",
          "\"name\\u0000\":\"x\",",
          "\"param\u017f\":{},",
          "\ufeff",
          "1e400",
          "100000000000000000000000000000000000000001",
          "0.1000000000000000055511151231257827",
          "\\ud800",
          "\\ud83d\\ude00",
          "\u0000",
          "//x\n",
          "NaN",
          "[",
          "]",
          "} {",
          ",",
          "\u2028",
          "\\u2028");

  @TempDir Path folder;

  @Test
  void whatIsAcceptedHereIsTheSameForTheParsersOfAgents() throws Exception {
    // Given
    List<byte[]> accepted = new ArrayList<>();
    List<String> values = new ArrayList<>();
    Random random = Seeds.random();
    int corpus = Integer.getInteger("writ.differential", 20_000);
    for (int i = 0; i < corpus; i++) {
      byte[] body = body(random);
      try {
        values.add(Spelled.of(StrictJson.body(body)));
        accepted.add(body);
      } catch (MalformedException e) {
        // Refused here: no app sees it.
      }
    }
    assertThat(accepted).hasSizeGreaterThan(corpus / 20);
    // When
    Path parsers = Path.of("src/test/parsers").toAbsolutePath();
    List<List<String>> others = new ArrayList<>();
    others.add(jackson(accepted));
    others.add(run(accepted, "node", parsers.resolve("parse.mjs").toString()));
    others.add(run(accepted, "python3", parsers.resolve("parse.py").toString()));
    List<String> go = run(accepted, "go", "run", parsers.resolve("parse.go").toString());
    others.add(go.stream().map(line -> line.split(" ", 2)[0]).toList());
    // Then
    int compared = 0;
    for (List<String> other : others) {
      for (int i = 0; i < other.size(); i++) {
        if (!other.get(i).equals("x")) {
          assertThat(other.get(i)).as(text(accepted.get(i))).isEqualTo(values.get(i));
          compared++;
        }
      }
    }
    for (int i = 0; i < go.size(); i++) {
      sameCall(accepted.get(i), go.get(i));
    }
    System.out.println(
        "differential: "
            + corpus
            + " bodies, "
            + accepted.size()
            + " accepted, "
            + compared
            + " values compared, seed "
            + Seeds.seed());
  }

  /**
   * A struct of Go takes members in any case: a call that is accepted has one reading there too.
   */
  private static void sameCall(byte[] body, String line) throws MalformedException {
    McpMessage message;
    try {
      message = McpMessage.read(StrictJson.body(body));
    } catch (GrantException e) {
      return;
    }
    String[] said = line.split(" ", 2);
    if (said.length == 2 && !said[1].equals("x") && "tools/call".equals(message.method())) {
      HexFormat hex = HexFormat.of();
      assertThat(said[1])
          .as(text(body))
          .isEqualTo(
              hex.formatHex(message.method().getBytes(UTF_8))
                  + "/"
                  + hex.formatHex(String.valueOf(message.target()).getBytes(UTF_8)));
    }
  }

  private static byte[] body(Random random) {
    StringBuilder text = new StringBuilder(BODIES.get(random.nextInt(BODIES.size())));
    if (random.nextInt(3) > 0) {
      String splice = SPLICES.get(random.nextInt(SPLICES.size()));
      List<Integer> places = new ArrayList<>(List.of(0, text.length()));
      for (int i = 0; i < text.length(); i++) {
        if ("{,:\"[".indexOf(text.charAt(i)) >= 0) {
          places.add(i + 1);
        }
      }
      text.insert(places.get(random.nextInt(places.size())), splice);
    }
    String body = random.nextInt(2) == 0 ? text.toString() : Mutations.of(random, text.toString());
    byte[] bytes = body.getBytes(UTF_8);
    if (bytes.length > 0 && random.nextInt(8) == 0) {
      bytes[random.nextInt(bytes.length)] ^= (byte) (1 << random.nextInt(8));
    }
    return bytes;
  }

  private static List<String> jackson(List<byte[]> bodies) {
    ObjectMapper mapper = new ObjectMapper();
    List<String> lines = new ArrayList<>();
    for (byte[] body : bodies) {
      try {
        lines.add(Spelled.of(mapper.readTree(body)));
      } catch (IOException e) {
        lines.add("x");
      }
    }
    return lines;
  }

  private List<String> run(List<byte[]> bodies, String... command)
      throws IOException, InterruptedException {
    Path in = folder.resolve("in");
    Path out = folder.resolve("out");
    Files.write(in, bodies.stream().map(HexFormat.of()::formatHex).toList());
    Process process;
    try {
      process =
          new ProcessBuilder(command)
              .redirectInput(in.toFile())
              .redirectOutput(out.toFile())
              .redirectError(folder.resolve("err").toFile())
              .start();
    } catch (IOException e) {
      return List.of();
    }
    assertThat(process.waitFor(300, TimeUnit.SECONDS)).isTrue();
    assertThat(process.exitValue()).as(Files.readString(folder.resolve("err"))).isZero();
    List<String> lines = Files.readAllLines(out);
    assertThat(lines).as(command[0]).hasSameSizeAs(bodies);
    return lines;
  }

  private static String text(byte[] body) {
    return new String(body, UTF_8) + " of seed " + Seeds.seed();
  }
}

package dev.writ.contract.scan;

import dev.writ.contract.MalformedException;
import dev.writ.contract.json.JsonValue;
import dev.writ.contract.json.JsonValue.JsonNumber;
import dev.writ.contract.json.JsonValue.JsonObject;
import dev.writ.contract.json.JsonValue.JsonString;
import dev.writ.contract.json.JsonWriter;
import dev.writ.contract.json.StrictJson;
import java.nio.charset.StandardCharsets;
import java.util.Collections;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * What was found at one address. One line of JSON; nothing in it is text of the other side.
 *
 * @param address as in the {@link ScanOrder}
 * @param open ports that took a connection
 * @param refused how many ports the network or the pod refused
 * @param silent how many nobody answered for
 * @param unsure how many of the silent ones were tried while no witness could be reached either
 * @param answers what answered on ports that were open and were asked
 */
public record ScanReport(
    String address,
    PortSet open,
    int refused,
    int silent,
    int unsure,
    Map<Integer, Answer> answers) {
  /** Name of the first member: tells a report from what else stands in a log. */
  public static final String KIND = "writScan";

  private static final Set<String> MEMBERS =
      Set.of(KIND, "open", "refused", "silent", "unsure", "answers");

  /** Who answered on an open port. */
  public enum Answer {
    /** A gate, and it refused a request without a contract. */
    GATE("gate"),
    /** A gate that let a request without a contract through, as in shadow mode. */
    SHADOW("shadow"),
    /** Something that is no gate. */
    OTHER("other"),
    /** Nobody, within some seconds. */
    NOBODY("nobody");

    private final String word;

    Answer(String word) {
      this.word = word;
    }

    private static Answer of(String word) throws MalformedException {
      for (Answer answer : values()) {
        if (answer.word.equals(word)) {
          return answer;
        }
      }
      throw new MalformedException("scan: unknown answer");
    }
  }

  /** Copies and checks that every port was tried. */
  public ScanReport {
    answers = Collections.unmodifiableMap(new TreeMap<>(answers));
    if (refused < 0 || silent < 0 || unsure < 0 || unsure > silent) {
      throw new IllegalArgumentException("a count is not possible");
    }
    if (open.size() + refused + silent != PortSet.LAST) {
      throw new IllegalArgumentException("not every port was tried");
    }
    if (!answers.keySet().stream().allMatch(open::contains)) {
      throw new IllegalArgumentException("answers of a port that was not open");
    }
  }

  /** One line. */
  public String json() {
    JsonWriter json = new JsonWriter().beginObject().member(KIND, address);
    json.member("open", open.toString()).member("refused", refused).member("silent", silent);
    json.member("unsure", unsure).name("answers").beginObject();
    answers.forEach((port, answer) -> json.member(String.valueOf(port), answer.word));
    return json.endObject().endObject().toString();
  }

  /** Reads what {@link #json} wrote, and nothing else. */
  public static ScanReport parse(String line) throws MalformedException {
    JsonValue value = StrictJson.document(line.getBytes(StandardCharsets.UTF_8));
    if (!(value instanceof JsonObject object) || !object.members().keySet().equals(MEMBERS)) {
      throw new MalformedException("scan: not the members of a report");
    }
    if (!(object.get(KIND) instanceof JsonString address)
        || !(object.get("open") instanceof JsonString open)
        || !(object.get("answers") instanceof JsonObject words)) {
      throw new MalformedException("scan: a member has another type");
    }
    Map<Integer, Answer> answers = new TreeMap<>();
    for (Map.Entry<String, JsonValue> entry : words.members().entrySet()) {
      if (!(entry.getValue() instanceof JsonString word)) {
        throw new MalformedException("scan: an answer is no word");
      }
      PortSet port = PortSet.parse(entry.getKey());
      if (port.size() != 1) {
        throw new MalformedException("scan: an answer is not of one port");
      }
      answers.put(port.stream().sum(), Answer.of(word.value()));
    }
    try {
      return new ScanReport(
          address.value(),
          PortSet.parse(open.value()),
          count(object, "refused"),
          count(object, "silent"),
          count(object, "unsure"),
          answers);
    } catch (IllegalArgumentException e) {
      throw new MalformedException("scan: " + e.getMessage());
    }
  }

  private static int count(JsonObject object, String name) throws MalformedException {
    if (object.get(name) instanceof JsonNumber number && number.integer()) {
      try {
        return number.value().intValueExact();
      } catch (ArithmeticException e) {
        throw new MalformedException("scan: " + name + " is out of range");
      }
    }
    throw new MalformedException("scan: " + name + " is not a number");
  }
}

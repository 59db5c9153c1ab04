package dev.writ.contract.verify;

import static org.assertj.core.api.Assertions.assertThat;

import dev.writ.contract.json.JsonValue;
import dev.writ.contract.json.JsonValue.JsonObject;
import dev.writ.contract.json.StrictJson;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicContainer;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/**
 * Every wire vector, one test each (protocol.md, section 6). {@code -Dwrit.vectors=DIR} runs
 * another set.
 */
class VectorsTest {
  private static final Path VECTORS =
      Path.of(System.getProperty("writ.vectors", "src/main/resources/vectors"));

  @TestFactory
  List<DynamicContainer> everyVectorHasItsOutcome() throws Exception {
    List<DynamicContainer> files = new ArrayList<>();
    Set<String> names = new HashSet<>();
    for (Path file : files()) {
      List<DynamicTest> tests = new ArrayList<>();
      for (JsonValue item :
          ((JsonValue.JsonArray) StrictJson.body(Files.readAllBytes(file))).items()) {
        Vector vector = new Vector((JsonObject) item);
        assertThat(names.add(vector.name())).as("name used once: " + vector.name()).isTrue();
        tests.add(DynamicTest.dynamicTest(vector.name(), () -> run(vector)));
      }
      files.add(DynamicContainer.dynamicContainer(String.valueOf(file.getFileName()), tests));
    }
    assertThat(files).isNotEmpty();
    return files;
  }

  private static List<Path> files() throws IOException {
    try (Stream<Path> files = Files.list(VECTORS)) {
      return files.filter(file -> file.toString().endsWith(".json")).sorted().toList();
    }
  }

  private static void run(Vector vector) throws Exception {
    VectorRun.Result result = VectorRun.of(vector);
    assertThat(vector.outcomes()).as("%s: %s", vector.name(), result).contains(result.outcome());
    if (result.outcome().equals("allow")) {
      result
          .more()
          .forEach(
              (name, value) -> {
                JsonValue expected = vector.expect().get(name);
                if (expected != null) {
                  assertThat(value).as("%s: %s", vector.name(), name).isEqualTo(expected);
                }
              });
      vector.expect().members().keySet().stream()
          .filter(name -> !Set.of("outcome", "alsoAllowed", "why", "claims").contains(name))
          .filter(name -> vector.outcomes().get(0).equals("allow"))
          .forEach(name -> assertThat(result.more()).as(vector.name()).containsKey(name));
    }
  }
}

package dev.writ.v1alpha1;

import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** One file of {@code cases/}: a resource, and for an invalid one a piece of the refusal. */
record Case(String name, Optional<String> refusal, JsonNode resource) {
  private static final String EXPECT = "# expect: ";
  private static final ObjectMapper YAML =
      new YAMLMapper().enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS);

  static List<Case> all() {
    try (Stream<Path> files = Files.list(Path.of("src/test/resources/cases"))) {
      return files.sorted().map(Case::read).toList();
    } catch (IOException e) {
      throw new IllegalStateException("couldn't list the cases", e);
    }
  }

  static Stream<Case> valid() {
    return all().stream().filter(it -> it.refusal().isEmpty());
  }

  static Stream<Case> invalid() {
    return all().stream().filter(it -> it.refusal().isPresent());
  }

  /** A file that is neither valid-*.yaml nor an invalid-*.yaml with its expectation stops all. */
  private static Case read(Path file) {
    String name = file.getFileName().toString();
    try {
      String text = Files.readString(file);
      if (name.matches("valid-[a-z0-9-]+[.]yaml")) {
        return new Case(name, Optional.empty(), YAML.readTree(text));
      }
      if (name.matches("invalid-[a-z0-9-]+[.]yaml") && text.startsWith(EXPECT)) {
        String refusal = text.lines().findFirst().orElseThrow().substring(EXPECT.length());
        return new Case(name, Optional.of(refusal), YAML.readTree(text));
      }
    } catch (IOException e) {
      throw new IllegalStateException("couldn't read " + name, e);
    }
    throw new IllegalStateException(
        name + " would go unread: name it valid-*.yaml, or invalid-*.yaml and begin it " + EXPECT);
  }

  String kind() {
    return resource.get("kind").textValue();
  }

  @Override
  public String toString() {
    return name;
  }
}

package dev.writ.operator.inject;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/**
 * {@code in-*.yaml} is a pod as it is created, {@code out-*.yaml} what becomes of it: the injected
 * pod, or what its author is told. {@code -Dgolden=write} writes the second anew.
 */
class InjectionGoldenTest {
  private static final Path CASES = Path.of("src/test/resources/inject");
  private static final PodMutator MUTATOR =
      new PodMutator(
          InjectionSettings.of(
              "writ/sidecar:test",
              URI.create("https://writ-operator.writ-system.svc:443"),
              "cluster.local"));

  @TestFactory
  Stream<DynamicTest> everyCase() throws IOException {
    return cases("in-").stream().map(name -> DynamicTest.dynamicTest(name, () -> check(name)));
  }

  @Test
  void noFileIsLeftUnread() throws IOException {
    assertThat(cases("out-")).isEqualTo(cases("in-"));
  }

  private static void check(String name) throws IOException {
    // Given
    ObjectNode pod =
        Serialization.unmarshal(Files.readString(CASES.resolve("in-" + name)), ObjectNode.class);
    ObjectNode untouched = pod.deepCopy();
    // When
    JsonNode out = outcome(pod, name.contains("enforced"));
    // Then
    assertThat(pod).isEqualTo(untouched);
    Path golden = CASES.resolve("out-" + name);
    if ("write".equals(System.getProperty("golden"))) {
      Files.writeString(golden, Serialization.asYaml(out));
    }
    assertThat(Serialization.asYaml(out)).isEqualTo(Files.readString(golden));
    secondPassChangesNothing(out, name);
  }

  private static void secondPassChangesNothing(JsonNode out, String name) {
    if (out.has("injected")) {
      InjectionDecision again =
          MUTATOR.decide(out.get("injected").deepCopy(), name.contains("enforced"));
      assertThat(again).isInstanceOf(InjectionDecision.Unchanged.class);
    }
  }

  private static JsonNode outcome(ObjectNode pod, boolean enforced) {
    ObjectNode out = JsonNodeFactory.instance.objectNode();
    switch (MUTATOR.decide(pod, enforced)) {
      case InjectionDecision.Skip skip -> out.put("skipped", skip.warning());
      case InjectionDecision.Unchanged _ -> out.put("unchanged", true);
      case InjectionDecision.Refuse refuse -> out.put("refused", refuse.reason());
      case InjectionDecision.Inject inject -> {
        if (!inject.warnings().isEmpty()) {
          inject.warnings().forEach(out.withArray("warnings")::add);
        }
        // Nothing of others is ever taken away.
        inject
            .patch()
            .forEach(operation -> assertThat(operation.get("op").asText()).isIn("add", "replace"));
        out.set("injected", Patched.of(pod, inject.patch()));
      }
    }
    return out;
  }

  private static Set<String> cases(String prefix) throws IOException {
    try (Stream<Path> files = Files.list(CASES)) {
      return files
          .map(file -> file.getFileName().toString())
          .filter(name -> name.startsWith(prefix))
          .map(name -> name.substring(prefix.length()))
          .collect(Collectors.toCollection(TreeSet::new));
    }
  }
}

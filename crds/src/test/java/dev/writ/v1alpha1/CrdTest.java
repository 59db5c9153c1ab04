package dev.writ.v1alpha1;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.fabric8.kubernetes.client.utils.KubernetesSerialization;
import java.time.OffsetDateTime;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

class CrdTest {
  private final KubernetesSerialization serialization = new KubernetesSerialization();

  @ParameterizedTest
  @MethodSource("dev.writ.v1alpha1.Case#valid")
  void generatedTypesLoseNothing(Case given) {
    // Given
    Class<?> type = given.kind().equals("CallLedger") ? CallLedger.class : AgentCapability.class;
    // When
    Object typed = serialization.convertValue(given.resource(), type);
    JsonNode after = serialization.convertValue(typed, JsonNode.class);
    // Then
    assertThat(losses(given.resource(), after, "")).isEmpty();
  }

  @Test
  void everyRuleHasAnInvalidCase() {
    // Given
    List<String> refusals = Case.invalid().map(it -> it.refusal().orElseThrow()).toList();
    // When
    List<String> messages =
        Crd.AGENT_CAPABILITY.schema().findValues("x-kubernetes-validations").stream()
            .flatMap(rules -> rules.findValuesAsText("message").stream())
            .toList();
    // Then
    assertThat(messages).hasSizeGreaterThan(30);
    assertThat(messages.stream().filter(message -> refusals.stream().noneMatch(message::contains)))
        .isEmpty();
  }

  @ParameterizedTest
  @EnumSource
  void everyFieldExplainsItself(Crd crd) {
    assertThat(undescribed(crd.schema(), "")).isEmpty();
  }

  /** Paths of what is in {@code before} and not, or not equal, in {@code after}. */
  private static List<String> losses(JsonNode before, JsonNode after, String path) {
    if (after == null || before.getNodeType() != after.getNodeType()) {
      return List.of(path + ": " + before + " became " + after);
    }
    var losses = new ArrayList<String>();
    before
        .properties()
        .forEach(
            it ->
                losses.addAll(
                    losses(it.getValue(), after.get(it.getKey()), path + "/" + it.getKey())));
    if (before.isArray()) {
      if (before.size() != after.size()) {
        losses.add(path + ": " + before + " became " + after);
      }
      for (int i = 0; i < before.size(); i++) {
        losses.addAll(losses(before.get(i), after.get(i), path + "/" + i));
      }
    }
    if (before.isValueNode() && !sameScalar(before, after)) {
      losses.add(path + ": " + before + " became " + after);
    }
    return losses;
  }

  private static boolean sameScalar(JsonNode before, JsonNode after) {
    if (before.isNumber()) {
      return before.decimalValue().compareTo(after.decimalValue()) == 0;
    }
    return before.equals(after) || sameMoment(before.asText(), after.asText());
  }

  private static boolean sameMoment(String before, String after) {
    try {
      return OffsetDateTime.parse(before).isEqual(OffsetDateTime.parse(after));
    } catch (DateTimeParseException e) {
      return false;
    }
  }

  private static List<String> undescribed(JsonNode schema, String path) {
    var missing = new ArrayList<String>();
    schema
        .path("properties")
        .properties()
        .forEach(
            it -> {
              String field = path + "/" + it.getKey();
              if (!field.equals("/metadata") && !it.getValue().hasNonNull("description")) {
                missing.add(field);
              }
              missing.addAll(undescribed(it.getValue(), field));
              missing.addAll(undescribed(it.getValue().path("items"), field));
            });
    return missing;
  }
}

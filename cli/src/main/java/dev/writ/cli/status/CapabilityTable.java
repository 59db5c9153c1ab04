package dev.writ.cli.status;

import dev.writ.cli.output.Table;
import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The columns of {@code kubectl get acap -o wide}, from the objects. (crd.md, Columns) */
final class CapabilityTable {
  private CapabilityTable() {}

  static Table of(List<GenericKubernetesResource> capabilities, Instant now) {
    Table table =
        new Table(
            "NAMESPACE", "NAME", "SOURCE", "TARGET", "CALLS", "DENIED", "READY", "REASON", "AGE");
    for (GenericKubernetesResource capability : capabilities) {
      table.row(
          capability.getMetadata().getNamespace(),
          capability.getMetadata().getName(),
          source(capability),
          text(capability, "spec", "targetRef", "name"),
          calls(capability),
          text(capability, "status", "decisions", "denied"),
          ready(capability, "status"),
          ready(capability, "reason"),
          age(capability.getMetadata().getCreationTimestamp(), now));
    }
    return table;
  }

  private static String source(GenericKubernetesResource capability) {
    String account = text(capability, "spec", "source", "serviceAccount", "name");
    return account.isEmpty()
        ? "key " + text(capability, "spec", "source", "contractSecretName")
        : text(capability, "spec", "source", "serviceAccount", "namespace") + "/" + account;
  }

  private static String calls(GenericKubernetesResource capability) {
    String summary = text(capability, "status", "calls", "summary");
    return summary.isEmpty() ? "-" : summary;
  }

  private static String ready(GenericKubernetesResource capability, String field) {
    List<Object> conditions = capability.get("status", "conditions");
    for (int i = 0; conditions != null && i < conditions.size(); i++) {
      if ("Ready".equals(capability.get("status", "conditions", i, "type"))) {
        return text(capability, "status", "conditions", i, field);
      }
    }
    return field.equals("status") ? "Unknown" : "";
  }

  private static String text(GenericKubernetesResource capability, Object... path) {
    Object value = capability.get(path);
    return value == null ? "" : value.toString();
  }

  /** Two units at most, as kubectl writes it. */
  static String age(@Nullable String created, Instant now) {
    if (created == null) {
      return "";
    }
    try {
      Duration age = Duration.between(Instant.parse(created), now);
      if (age.isNegative()) {
        return "0s";
      }
      if (age.toDays() > 0) {
        return age.toDays() + "d" + zeroless(age.toHoursPart(), "h");
      }
      if (age.toHours() > 0) {
        return age.toHours() + "h" + zeroless(age.toMinutesPart(), "m");
      }
      return age.toMinutes() > 0
          ? age.toMinutes() + "m" + zeroless(age.toSecondsPart(), "s")
          : age.toSeconds() + "s";
    } catch (DateTimeException e) {
      return "";
    }
  }

  private static String zeroless(int number, String unit) {
    return number == 0 ? "" : number + unit;
  }
}

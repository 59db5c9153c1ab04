package dev.writ.cli.check;

import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Why a capability lets nobody through or refuses a call, and what would allow it. Pure. */
final class CapabilityExplanation {
  private final GenericKubernetesResource capability;
  private final List<String> lines = new ArrayList<>();

  private CapabilityExplanation(GenericKubernetesResource capability) {
    this.capability = capability;
  }

  static List<String> of(GenericKubernetesResource capability) {
    CapabilityExplanation explanation = new CapabilityExplanation(capability);
    explanation.conditions();
    explanation.denials();
    return explanation.lines;
  }

  private void conditions() {
    int count = size("status", "conditions");
    if (count == 0) {
      lines.add("the operator has not seen it yet: does it run? writ check says");
      return;
    }
    for (int i = 0; i < count; i++) {
      String type = text("status", "conditions", i, "type");
      String status = text("status", "conditions", i, "status");
      String reason = text("status", "conditions", i, "reason");
      if (!status.equals("True")) {
        lines.add(
            type
                + " is "
                + status
                + " ("
                + reason
                + "): "
                + text("status", "conditions", i, "message"));
      } else if (type.equals("Ready")) {
        lines.add(
            "ready: what it grants is let through; used " + text("status", "calls", "summary"));
      }
      if (type.equals("Ready")) {
        remedy(reason);
      }
    }
  }

  private void remedy(String reason) {
    switch (reason) {
      case "Suspended" -> lines.add("  " + patch("{\"spec\":{\"suspend\":false}}"));
      case "Exhausted" ->
          lines.add("  " + patch("{\"spec\":{\"limits\":{\"calls\":" + more() + "}}}"));
      case "Expired" ->
          lines.add(
              "  give it a later end, as in "
                  + patch(
                      "{\"spec\":{\"validity\":{\"ttl\":null,\"notAfter\":\"YYYY-MM-DDT00:00:00Z\"}}}"));
      case "TargetUnguarded" ->
          lines.add(
              "  the pods behind Service "
                  + text("spec", "targetRef", "name")
                  + " have no sidecar: writ explain pod/NAME says how to give them one");
      default -> {
        // The condition's own message says what to do.
      }
    }
  }

  private void denials() {
    Set<String> explained = new LinkedHashSet<>();
    for (int i = 0; i < size("status", "recentDenials"); i++) {
      String code = text("status", "recentDenials", i, "code");
      String action = text("status", "recentDenials", i, "action");
      lines.add(
          "denied "
              + text("status", "recentDenials", i, "time")
              + " "
              + code
              + (action.isEmpty() ? "" : " of action " + action)
              + " to "
              + text("status", "recentDenials", i, "caller"));
      if (explained.add(code + " " + action)) {
        allow(code, action);
      }
    }
  }

  private void allow(String code, String action) {
    switch (code) {
      case "argument-not-allowed" -> {
        for (int i = 0; i < size("spec", "actions"); i++) {
          if (text("spec", "actions", i, "name").equals(action)) {
            lines.add(
                "  its arguments must stay within "
                    + text("spec", "actions", i, "arguments")
                    + "; to widen: kubectl -n "
                    + capability.getMetadata().getNamespace()
                    + " edit agentcapability "
                    + capability.getMetadata().getName()
                    + " (spec.actions["
                    + i
                    + "].arguments)");
          }
        }
      }
      case "action-not-granted" ->
          lines.add(
              "  no entry of spec.actions names that call; add one if it is meant to be allowed");
      case "quota-exhausted" ->
          lines.add("  " + patch("{\"spec\":{\"limits\":{\"calls\":" + more() + "}}}"));
      case "rate-limited", "too-many-concurrent" ->
          lines.add(
              "  slow the caller down, or raise spec.limits."
                  + (code.equals("rate-limited") ? "rate" : "concurrentPerReplica"));
      case "expired" ->
          lines.add("  a contract or identity had ended; the helper fetches a fresh one by itself");
      case "revoked" ->
          lines.add(
              "  an older contract was shown after a change; the helper fetches the new one by"
                  + " itself");
      case "missing-contract" ->
          lines.add(
              "  the caller does not go through its helper: is HTTP_PROXY set, and is it injected?"
                  + " writ explain pod/NAME");
      case "exposed" ->
          lines.add(
              "  the callee listens past its gate: bind it to 127.0.0.1, or capture by redirect");
      default -> {
        // The code's own documentation says it all.
      }
    }
  }

  /** Twice as many as now. */
  private String more() {
    Object calls = capability.get("spec", "limits", "calls");
    return calls instanceof Number number
        ? String.valueOf(Math.multiplyExact(number.longValue(), 2L))
        : "N";
  }

  private String patch(String merge) {
    return "kubectl -n "
        + capability.getMetadata().getNamespace()
        + " patch agentcapability "
        + capability.getMetadata().getName()
        + " --type merge -p '"
        + merge
        + "'";
  }

  private int size(Object... path) {
    return capability.get(path) instanceof List<?> list ? list.size() : 0;
  }

  private String text(Object... path) {
    @Nullable Object value = capability.get(path);
    return value == null ? "" : value.toString();
  }
}

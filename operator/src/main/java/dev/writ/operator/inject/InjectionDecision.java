package dev.writ.operator.inject;

import com.fasterxml.jackson.databind.node.ArrayNode;
import java.util.List;

/**
 * What the webhook does with a pod. Every case but {@link Unchanged} says something to the person
 * who created it.
 */
sealed interface InjectionDecision {
  /** The pod neither asks for a sidecar nor has to have one. */
  record Skip(String warning) implements InjectionDecision {}

  /** The pod has everything already, exactly as it would be added now. */
  record Unchanged() implements InjectionDecision {}

  /** The pod gets what is missing: an RFC 6902 patch of our own paths alone. */
  record Inject(ArrayNode patch, List<String> warnings) implements InjectionDecision {
    public Inject {
      warnings = List.copyOf(warnings);
    }
  }

  /** The pod is not created; the reason says what to change. */
  record Refuse(String reason) implements InjectionDecision {}
}

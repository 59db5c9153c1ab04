package dev.writ.operator.inject;

import dev.writ.contract.Names;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.regex.Pattern;

/**
 * What the pod's author says about the answers that pass its gate. (docs/actions.md, Long answers)
 *
 * @param variables of the sidecar, in a fixed order; none for what the author left out
 */
record AnswerSettings(Map<String, String> variables) {
  private static final int MAX_SECONDS = 86_400;
  private static final Pattern SECONDS = Pattern.compile("[0-9]{1,5}");

  AnswerSettings {
    variables = new LinkedHashMap<>(variables);
  }

  /**
   * What the pod's annotations say.
   *
   * @throws Refusal naming the annotation and what to write
   */
  static AnswerSettings of(Pod pod) throws Refusal {
    Map<String, String> variables = new LinkedHashMap<>();
    String lists = pod.annotation(Names.LISTS);
    if (lists != null) {
      if (!lists.equals(Names.LISTS_GRANTED)) {
        throw refusal(Names.LISTS, lists, Names.LISTS_GRANTED);
      }
      variables.put("WRIT_LISTS", lists);
    }
    seconds(pod, Names.RESPONSE_TIMEOUT, "WRIT_RESPONSE_TIMEOUT", variables);
    seconds(pod, Names.IDLE_TIMEOUT, "WRIT_IDLE_TIMEOUT", variables);
    return new AnswerSettings(variables);
  }

  private static void seconds(
      Pod pod, String annotation, String variable, Map<String, String> variables) throws Refusal {
    String text = pod.annotation(annotation);
    if (text == null) {
      return;
    }
    if (!SECONDS.matcher(text).matches() || Integer.parseInt(text) > MAX_SECONDS) {
      throw refusal(annotation, text, "seconds from 0 (for ever) to " + MAX_SECONDS);
    }
    variables.put(variable, text);
  }

  private static Refusal refusal(String annotation, String text, String instead) {
    return new Refusal("annotation " + annotation + " is \"" + text + "\"; write " + instead);
  }
}

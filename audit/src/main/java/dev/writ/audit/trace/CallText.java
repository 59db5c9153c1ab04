package dev.writ.audit.trace;

import dev.writ.audit.Entry;
import dev.writ.audit.verify.Printable;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/** Call trees for a terminal or a file: a line per call, below it on whose behalf it was made. */
public final class CallText {
  private static final String GREEN = "\u001b[32m";
  private static final String RED = "\u001b[31m";
  private static final String DIM = "\u001b[2m";
  private static final String RESET = "\u001b[0m";
  private static final int FIELD = 200;

  private final boolean colour;
  private final StringBuilder out = new StringBuilder();

  private CallText(boolean colour) {
    this.colour = colour;
  }

  /**
   * The text, with a line feed after each line.
   *
   * @param colour whether to use terminal colours
   */
  public static String of(List<CallNode> trees, boolean colour) {
    CallText text = new CallText(colour);
    trees.forEach(tree -> text.node(tree, "", ""));
    return text.out.toString();
  }

  private void node(CallNode node, String first, String rest) {
    Entry.Call call = node.call();
    boolean allowed = call.decision() == Entry.Decision.ALLOW;
    out.append(first)
        .append(paint(allowed ? GREEN : RED, (allowed ? "✔ " : "✘ ") + verdict(node)))
        .append("  ")
        .append(call.action() == null ? "-" : shown(call.action()))
        .append("  ")
        .append(shown(call.method() + " " + call.target()))
        .append(" at ")
        .append(call.service().isEmpty() ? shown(call.pod()) : name(call.service()))
        .append(paint(DIM, "  " + call.time() + "  " + node.receipt() + "  entry " + node.index()))
        .append('\n');
    boolean last = node.children().isEmpty();
    out.append(rest).append(last ? "  " : "│ ").append(paint(DIM, behalf(call))).append('\n');
    for (int i = 0; i < node.children().size(); i++) {
      boolean end = i == node.children().size() - 1;
      node(node.children().get(i), rest + (end ? "└─ " : "├─ "), rest + (end ? "   " : "│  "));
    }
  }

  private static String verdict(CallNode node) {
    Entry.Call call = node.call();
    String word =
        switch (call.decision()) {
          case ALLOW -> "allowed";
          case DENY -> "denied";
          case ERROR -> "failed";
        };
    String code = call.code() == null ? "" : " " + call.code().code();
    String shadow =
        call.mode() == Entry.Mode.AUDIT && call.code() != null ? " (shadow: let through)" : "";
    Entry.End end = node.end();
    String status =
        end == null ? "" : end.upstreamStatus() == 0 ? " no answer" : " " + end.upstreamStatus();
    String cut = end == null || end.code() == null ? "" : ", ended by " + end.code().code();
    return word + code + shadow + status + cut;
  }

  /** The chain of delegation: who holds it at last, on whose behalf. */
  private static String behalf(Entry.Call call) {
    if (call.chain().isEmpty()) {
      return "no verified contract, from " + shown(call.peer());
    }
    String chain =
        call.chain().stream().map(link -> name(link.sub())).collect(Collectors.joining(" → "));
    String counts =
        call.counts().stream()
            .map(count -> String.format(Locale.ROOT, "%d/%d", count.used(), count.limit()))
            .collect(Collectors.joining(", "));
    return "by " + chain + (counts.isEmpty() ? "" : ", " + counts + " calls");
  }

  /** {@code <namespace>/<name>} of a SPIFFE id; anything else as it is. */
  private static String name(String id) {
    String[] parts = id.split("/", -1);
    boolean workload = id.startsWith("spiffe://") && parts.length == 7 && parts[3].equals("ns");
    return shown(workload ? parts[4] + "/" + parts[6] : id);
  }

  private static String shown(String text) {
    return Printable.of(text, FIELD);
  }

  private String paint(String code, String text) {
    return colour ? code + text + RESET : text;
  }
}

package dev.writ.cli.log;

import dev.writ.audit.AuditRecord;
import dev.writ.audit.Entry;
import dev.writ.audit.verify.Printable;
import java.util.Locale;

/** One decision as one line. */
final class TailLine {
  private static final int FIELD = 200;

  private TailLine() {}

  static String of(long index, AuditRecord stored, boolean colour) {
    if (!(stored.entry() instanceof Entry.Call call)) {
      throw new IllegalArgumentException("not a decision");
    }
    String verdict =
        call.decision().name().toLowerCase(Locale.ROOT)
            + (call.code() == null ? "" : " " + call.code().code())
            + (call.mode() == Entry.Mode.AUDIT ? " (shadow)" : "");
    String caller = call.chain().isEmpty() ? call.peer() : call.chain().getLast().sub();
    String painted =
        colour
            ? (call.decision() == Entry.Decision.ALLOW ? "\u001b[32m" : "\u001b[31m")
                + verdict
                + "\u001b[0m"
            : verdict;
    return "%s  %s  %s  %s %s  by %s at %s  %s  entry %d"
        .formatted(
            call.time(),
            painted,
            shown(call.action() == null ? "-" : call.action()),
            shown(call.method()),
            shown(call.target()),
            shown(caller),
            shown(call.service().isEmpty() ? call.pod() : call.service()),
            stored.receipt(),
            index);
  }

  private static String shown(String text) {
    return Printable.of(text, FIELD);
  }
}

package dev.writ.cli.log;

import dev.writ.audit.note.Checkpoint;
import dev.writ.audit.verify.Finding;
import dev.writ.audit.verify.Printable;
import dev.writ.audit.verify.Report;
import dev.writ.cli.output.Screen;
import dev.writ.cli.output.Screen.Tone;
import java.util.List;
import java.util.function.Function;

/** A verification's result for people. */
final class ReportText {
  private static final int SHOWN = 20;

  private ReportText() {}

  static void print(Report report, Screen screen, boolean witnesses) {
    Checkpoint checkpoint = report.checkpoint();
    if (checkpoint != null) {
      screen.line("log          " + checkpoint.origin());
      screen.line("checkpoint   %,d entries".formatted(checkpoint.size()));
      screen.line("root hash    " + checkpoint.root().toBase64());
      screen.line("witnessed    " + witnessed(report, checkpoint, witnesses));
      screen.line(
          "records      %,d read, by %,d processes: %,d calls allowed, %,d denied, %,d failed"
              .formatted(
                  report.entries() - report.unseen(),
                  report.boots(),
                  of(report, "allow"),
                  of(report, "deny"),
                  of(report, "error")));
      if (report.unseen() > 0) {
        screen.line(
            "not seen     entries 0 to %,d: their hashes are in the tree, what they say was not read;"
                    .formatted(report.unseen() - 1)
                + " counts are those of the rest, and not compared with the ledger's sums");
      }
      screen.line(
          "counts       %,d capabilities and delegations within their limits, %,d of them reconciled with the ledger"
              .formatted(report.capabilities(), report.reconciled()));
      if (report.unended() > 0) {
        screen.line(
            "no outcome   %,d allowed calls: in flight, or their gate was killed"
                .formatted(report.unended()));
      }
      list(
          screen,
          "not stopped  %,d processes run, or were killed",
          report.unstopped(),
          boot ->
              "%s %s, newest record %d (entry %d)"
                  .formatted(
                      boot.boot(),
                      Printable.of(boot.pod(), 200),
                      boot.lastSeq(),
                      boot.lastIndex()));
      list(
          screen,
          "silent       %,d pods enrolled and never recorded anything",
          report.silent(),
          pod ->
              "%s, UID %s, enrolled in entry %d"
                  .formatted(
                      Printable.of(pod.pod(), 200), Printable.of(pod.uid(), 64), pod.index()));
    }
    screen.line("");
    if (report.isOk()) {
      screen.tone(Tone.GOOD, report.unseen() > 0 ? "All that was read holds." : "All of it holds.");
      return;
    }
    for (Finding finding : report.findings()) {
      screen.tone(Tone.BAD, finding.toString());
    }
    screen.tone(Tone.BAD, "%,d things are wrong.".formatted(report.found()));
  }

  private static String witnessed(Report report, Checkpoint checkpoint, boolean asked) {
    if (!asked) {
      return "not asked for (--witness KEY): what the log's own key vouches for, no more";
    }
    return report.witnessed() == 0
        ? "no"
        : "%,d of %,d entries".formatted(report.witnessed(), checkpoint.size());
  }

  private static long of(Report report, String decision) {
    return report.calls().getOrDefault(decision, 0L);
  }

  private static <T> void list(
      Screen screen, String title, List<T> items, Function<T, String> line) {
    if (items.isEmpty()) {
      return;
    }
    screen.line(title.formatted(items.size()));
    items.stream().limit(SHOWN).forEach(item -> screen.line("             " + line.apply(item)));
    if (items.size() > SHOWN) {
      screen.line("             and %,d more".formatted(items.size() - SHOWN));
    }
  }
}

package dev.writ.audit.export;

import dev.writ.audit.AuditRecord;
import dev.writ.audit.Entry;
import dev.writ.audit.OperatorEntry;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * One row per record. Cells that a spreadsheet would take for a formula begin with an apostrophe.
 */
final class Csv implements ExportFormat {
  private static final List<String> COLUMNS =
      List.of(
          "index",
          "receipt",
          "time",
          "kind",
          "pod",
          "service",
          "decision",
          "code",
          "mode",
          "action",
          "method",
          "target",
          "subjects",
          "cids",
          "used",
          "limit",
          "peer",
          "parent",
          "trace",
          "of",
          "upstreamStatus",
          "micros");

  @Override
  public String header() {
    return String.join(",", COLUMNS) + "\r\n";
  }

  @Override
  public String line(long index, String line, AuditRecord auditRecord) {
    Entry entry = auditRecord.entry();
    Stream<Object> head =
        Stream.of(index, auditRecord.receipt(), entry.time(), kind(entry), entry.pod());
    return Stream.concat(head, rest(entry)).map(Csv::cell).collect(Collectors.joining(","))
        + "\r\n";
  }

  private static String kind(Entry entry) {
    return switch (entry) {
      case Entry.Start start -> "start";
      case Entry.Stop stop -> "stop";
      case Entry.Call call -> "call";
      case Entry.End end -> "end";
      case OperatorEntry own -> own.kind();
    };
  }

  private static Stream<Object> rest(Entry entry) {
    return switch (entry) {
      case Entry.Call call ->
          Stream.of(
              call.service(),
              lower(call.decision()),
              call.code() == null ? "" : call.code().code(),
              lower(call.mode()),
              call.action() == null ? "" : call.action(),
              call.method(),
              call.target(),
              join(call.chain().stream().map(Entry.Link::sub)),
              join(call.chain().stream().map(Entry.Link::cid)),
              join(call.counts().stream().map(count -> Long.toString(count.used()))),
              join(call.counts().stream().map(count -> Long.toString(count.limit()))),
              call.peer(),
              call.parent() == null ? "" : call.parent(),
              call.trace() == null ? "" : call.trace(),
              "",
              "",
              call.micros());
      case Entry.End end ->
          Stream.of(
                  Stream.<Object>of("", "", end.code() == null ? "" : end.code().code()),
                  Stream.generate(() -> (Object) "").limit(11),
                  Stream.<Object>of(end.of(), end.upstreamStatus(), end.micros()))
              .flatMap(cells -> cells);
      case Entry.Start start -> Stream.generate(() -> (Object) "").limit(17);
      case Entry.Stop stop -> Stream.generate(() -> (Object) "").limit(17);
      case OperatorEntry own -> own(own);
    };
  }

  private static Stream<Object> own(OperatorEntry entry) {
    return switch (entry) {
      case OperatorEntry.Issue issue ->
          about(
              issue.sub(),
              join(issue.contracts().stream().map(OperatorEntry.Contract::cid)),
              "",
              "");
      case OperatorEntry.Revoke revoke -> {
        Stream<String> edited = revoke.gens().stream().map(OperatorEntry.Generation::cid);
        yield about("", join(Stream.concat(revoke.cids().stream(), edited)), "", "");
      }
      case OperatorEntry.Rotate rotate -> about("", "", "", "");
      case OperatorEntry.Grant grant -> totals(grant.totals());
      case OperatorEntry.Settle settle -> totals(settle.totals());
    };
  }

  private static Stream<Object> totals(OperatorEntry.Totals totals) {
    return about("", totals.path(), totals.claimed(), totals.limit());
  }

  private static Stream<Object> about(Object subjects, Object cids, Object used, Object limit) {
    Stream<Object> before = Stream.generate(() -> (Object) "").limit(7);
    Stream<Object> after = Stream.generate(() -> (Object) "").limit(6);
    return Stream.concat(before, Stream.concat(Stream.of(subjects, cids, used, limit), after));
  }

  private static String lower(Enum<?> word) {
    return word.name().toLowerCase(Locale.ROOT);
  }

  private static String join(Stream<String> values) {
    return values.collect(Collectors.joining(" "));
  }

  private static String cell(Object value) {
    String text = value.toString();
    if (!text.isEmpty() && "=+-@\t\r".indexOf(text.charAt(0)) >= 0) {
      text = "'" + text;
    }
    boolean quote =
        text.chars().anyMatch(c -> c == ',' || c == '"' || c == '\n' || c == '\r' || c == '\'');
    return quote ? '"' + text.replace("\"", "\"\"") + '"' : text;
  }
}

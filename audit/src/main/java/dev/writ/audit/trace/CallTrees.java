package dev.writ.audit.trace;

import dev.writ.audit.AuditRecord;
import dev.writ.audit.Entry;
import dev.writ.audit.OperatorEntry;
import dev.writ.audit.log.RecordScan;
import dev.writ.audit.log.TileReader;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Finds call trees. The log is read once for what the query names and again as long as that finds
 * parents or children elsewhere: memory holds the calls of the answer only. Entries are not
 * verified here.
 */
public final class CallTrees {
  /** Calls in one answer; more is a query that wants an export. */
  public static final int MAX_CALLS = 100_000;

  private static final int MAX_DEPTH = 64;

  private final TraceQuery query;
  private final Map<String, Found> calls = new LinkedHashMap<>();
  private final Set<String> wanted = new HashSet<>();

  private CallTrees(TraceQuery query) {
    this.query = query;
  }

  /** A call and where it is. */
  private static final class Found {
    final long index;
    final Entry.Call call;
    Entry.@Nullable End end;

    Found(long index, Entry.Call call) {
      this.index = index;
      this.call = call;
    }
  }

  /**
   * The trees that the query touches, in the order of the log; empty when it names nothing that is
   * there.
   *
   * @throws IOException when the log can't be read, or the answer has more than {@value #MAX_CALLS}
   *     calls
   */
  public static List<CallNode> find(TileReader log, TraceQuery query) throws IOException {
    CallTrees trees = new CallTrees(query);
    int before;
    do {
      before = trees.calls.size();
      RecordScan.each(log, 0, (index, line, each, pod) -> trees.read(index, each));
    } while (trees.calls.size() > before);
    return trees.build();
  }

  private void read(long index, AuditRecord auditRecord) throws IOException {
    switch (auditRecord.entry()) {
      case Entry.Call call -> call(index, auditRecord.receipt(), call);
      case Entry.End end -> {
        Found found = calls.get(auditRecord.boot() + "." + end.of());
        if (found != null) {
          found.end = end;
        }
      }
      case Entry.Start start -> {}
      case Entry.Stop stop -> {}
      case OperatorEntry own -> {}
    }
  }

  private void call(long index, String receipt, Entry.Call call) throws IOException {
    String parent = call.parent();
    boolean belongs =
        wanted.contains(receipt)
            || query.matches(receipt, call)
            || (parent != null && calls.containsKey(parent));
    if (!belongs) {
      return;
    }
    if (parent != null) {
      wanted.add(parent);
    }
    calls.putIfAbsent(receipt, new Found(index, call));
    if (calls.size() > MAX_CALLS) {
      throw new IOException("more than " + MAX_CALLS + " calls: ask for less, or export");
    }
  }

  private List<CallNode> build() {
    Map<String, List<String>> children = new HashMap<>();
    List<String> roots = new ArrayList<>();
    calls.entrySet().stream()
        .sorted(Map.Entry.comparingByValue((a, b) -> Long.compare(a.index, b.index)))
        .forEach(
            each -> {
              String parent = parent(each.getKey());
              if (parent == null) {
                roots.add(each.getKey());
              } else {
                children.computeIfAbsent(parent, receipt -> new ArrayList<>()).add(each.getKey());
              }
            });
    return roots.stream().map(receipt -> node(receipt, children)).toList();
  }

  /**
   * The receipt that a call hangs under. Parents are claims: a circle of them is cut at its first
   * record, and what hangs too deep for any chain of delegations stands by itself.
   */
  private @Nullable String parent(String receipt) {
    Found found = calls.get(receipt);
    String parent = found == null ? null : found.call.parent();
    if (parent == null || !calls.containsKey(parent)) {
      return null;
    }
    Set<String> above = new HashSet<>();
    for (String at = parent; at != null && above.add(at); ) {
      if (above.size() > MAX_DEPTH) {
        return null;
      }
      if (at.equals(receipt)) {
        return isFirst(receipt, above) ? null : parent;
      }
      Found next = calls.get(at);
      at = next == null ? null : next.call.parent();
    }
    return parent;
  }

  private boolean isFirst(String receipt, Set<String> circle) {
    return circle.stream().allMatch(other -> index(receipt) <= index(other));
  }

  private long index(String receipt) {
    Found found = calls.get(receipt);
    return found == null ? Long.MAX_VALUE : found.index;
  }

  private CallNode node(String receipt, Map<String, List<String>> children) {
    Found found = calls.get(receipt);
    if (found == null) {
      throw new IllegalStateException("a receipt out of nowhere");
    }
    List<CallNode> below =
        children.getOrDefault(receipt, List.of()).stream()
            .map(child -> node(child, children))
            .toList();
    return new CallNode(found.index, receipt, found.call, found.end, below);
  }
}

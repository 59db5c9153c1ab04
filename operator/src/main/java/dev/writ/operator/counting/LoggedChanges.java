package dev.writ.operator.counting;

import dev.writ.audit.AuditRecord;
import dev.writ.audit.OperatorEntry;
import dev.writ.audit.OperatorEntry.Grant;
import dev.writ.audit.OperatorEntry.Settle;
import dev.writ.audit.OperatorEntry.Totals;
import dev.writ.contract.MalformedException;
import dev.writ.contract.document.Members;
import dev.writ.contract.json.JsonValue;
import dev.writ.contract.json.JsonWriter;
import dev.writ.contract.quota.CounterPath;
import dev.writ.operator.ledger.Anchor;
import dev.writ.operator.ledger.BootTotals;
import dev.writ.operator.ledger.LedgerChange;
import dev.writ.operator.ledger.LedgerChange.Part;
import dev.writ.operator.ledger.LedgerState;
import dev.writ.operator.records.OperatorLog;
import dev.writ.operator.records.Remembered;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Changes of ledgers as {@code grant} and {@code settle} records, and what all of them together
 * say. It knows what it heard from the log and nothing else, whoever appended it: so it never says
 * more than the log. Thread-safe. (quota.md, Leaders and backups)
 */
public final class LoggedChanges implements ChangeLog, Remembered {
  private final Map<String, Anchor> anchors = new HashMap<>();
  private @Nullable OperatorLog log;

  /** The log is open, and all that it holds was told. */
  public synchronized void appendTo(OperatorLog opened) {
    log = opened;
  }

  @Override
  public void append(LedgerChange change) throws IOException {
    OperatorLog opened;
    synchronized (this) {
      opened = log;
    }
    if (opened == null) {
      throw new IOException("the log is not open yet");
    }
    OperatorLog.Stamp now = opened.stamp();
    List<OperatorEntry> entries = new ArrayList<>();
    for (Part part : change.parts()) {
      Totals totals = totals(part);
      entries.add(
          part.settles()
              ? new Settle(now.time(), now.pod(), totals)
              : new Grant(now.time(), now.pod(), totals));
    }
    opened.append(entries);
  }

  @Override
  public void stored(long index, String podUid, AuditRecord stored) {
    switch (stored.entry()) {
      case Grant grant -> replay(grant.totals());
      case Settle settle -> replay(settle.totals());
      default -> {
        // Says nothing about totals.
      }
    }
  }

  private synchronized void replay(Totals totals) {
    LedgerChange change = new LedgerChange(List.of(part(totals)));
    String cid = CounterPath.root(totals.path());
    anchors.put(cid, anchors.getOrDefault(cid, Anchor.EMPTY).replayed(change));
  }

  @Override
  public String name() {
    return "ledgers";
  }

  @Override
  public synchronized void save(JsonWriter json) {
    json.beginArray();
    anchors.forEach(
        (cid, anchor) -> {
          json.beginObject().member("cid", cid);
          LedgerJson.write(json.name("logged"), anchor.logged());
          json.endObject();
        });
    json.endArray();
  }

  @Override
  public Runnable restored(JsonValue sums) throws MalformedException {
    Map<String, Anchor> read = new HashMap<>();
    for (JsonValue each : Members.list(name(), sums)) {
      Members ledger = Members.of(name(), each);
      String cid = ledger.string("cid");
      read.put(cid, new Anchor(LedgerJson.read(ledger.value("logged")), Map.of()));
      ledger.end();
    }
    return () -> replace(read);
  }

  private synchronized void replace(Map<String, Anchor> read) {
    anchors.clear();
    anchors.putAll(read);
  }

  @Override
  public synchronized LedgerState logged(String cid) {
    return anchors.getOrDefault(cid, Anchor.EMPTY).logged();
  }

  private static Totals totals(Part part) {
    BootTotals of = part.of();
    return new Totals(
        part.path(),
        part.generation(),
        part.limit(),
        part.used(),
        part.held(),
        part.stranded(),
        of == null
            ? null
            : new OperatorEntry.BootTotals(
                of.boot(),
                of.podUid(),
                of.granted(),
                of.returned(),
                of.spent(),
                of.lost(),
                of.closed()));
  }

  private static Part part(Totals totals) {
    OperatorEntry.BootTotals of = totals.of();
    return new Part(
        totals.path(),
        totals.generation(),
        totals.limit(),
        totals.used(),
        totals.held(),
        totals.stranded(),
        of == null
            ? null
            : new BootTotals(
                of.boot(),
                of.uid(),
                of.granted(),
                of.returned(),
                of.spent(),
                of.lost(),
                of.closed()));
  }
}

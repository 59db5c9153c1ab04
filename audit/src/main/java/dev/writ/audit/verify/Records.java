package dev.writ.audit.verify;

import dev.writ.audit.AuditRecord;
import dev.writ.audit.BrokenChainException;
import dev.writ.audit.ChainCheck;
import dev.writ.audit.Entry;
import dev.writ.audit.LineHash;
import dev.writ.audit.OperatorEntry;
import dev.writ.audit.note.Checkpoint;
import dev.writ.audit.verify.Finding.Kind;
import dev.writ.contract.MalformedException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What the records say, one after the other: numbers without gaps, chains without breaks, counts
 * within limits.
 */
final class Records {
  private final Findings findings;
  private final boolean beginningMayBeGone;
  private final Map<String, BootState> boots = new LinkedHashMap<>();
  private final Map<String, Counter> counters = new HashMap<>();
  private final Map<Entry.Decision, Long> calls = new HashMap<>();
  private final Map<String, Report.Silent> enrolled = new LinkedHashMap<>();
  private final Set<String> recorded = new HashSet<>();
  private final Ledger ledger;

  Records(Findings findings, boolean beginningMayBeGone) {
    this.findings = findings;
    this.beginningMayBeGone = beginningMayBeGone;
    this.ledger = new Ledger(findings);
  }

  /** What is known of one boot. */
  private static final class BootState {
    ChainCheck check;
    long lastIndex;
    String pod = "";
    long open;
    Entry.@Nullable Start start;
    long startIndex;

    BootState(ChainCheck check) {
      this.check = check;
    }
  }

  /** What was counted of one capability or delegation. */
  private static final class Counter {
    long limit;
    long counted;
  }

  void accept(long index, byte[] entry) {
    String line = new String(entry, StandardCharsets.UTF_8);
    try {
      AuditRecord auditRecord = AuditRecord.parse(line);
      BootState boot = boots.computeIfAbsent(auditRecord.boot(), id -> first(auditRecord));
      follow(index, boot, line, auditRecord);
      boot.lastIndex = index;
      boot.pod = auditRecord.entry().pod();
      read(index, boot, auditRecord.entry());
    } catch (MalformedException e) {
      findings.add(Finding.at(Kind.RECORD, index, "no record: " + e.getMessage()));
    }
  }

  private BootState first(AuditRecord auditRecord) {
    return new BootState(
        beginningMayBeGone
            ? ChainCheck.resume(
                auditRecord.boot(), auditRecord.seq() - 1, auditRecord.prev(), false)
            : new ChainCheck(auditRecord.boot()));
  }

  /**
   * After a break the chain is taken up again at the record that broke it, so that each break is
   * named.
   */
  private void follow(long index, BootState boot, String line, AuditRecord auditRecord) {
    boolean begins = boot.check.lastSeq() == 0;
    try {
      boot.check.accept(auditRecord, line);
    } catch (BrokenChainException e) {
      String what = begins ? "boot without a start: " : "";
      findings.add(Finding.at(Kind.RECORD, index, what + e.getMessage()));
      boolean stop = auditRecord.entry() instanceof Entry.Stop;
      boot.check =
          ChainCheck.resume(auditRecord.boot(), auditRecord.seq(), LineHash.of(line), stop);
    }
  }

  private void read(long index, BootState boot, Entry entry) {
    switch (entry) {
      case Entry.Start start -> {
        boot.start = start;
        boot.startIndex = index;
        if (start.uid() != null) {
          recorded.add(start.uid());
        }
      }
      case Entry.Stop stop -> {}
      case OperatorEntry own -> own(index, boot, own);
      case Entry.Call call -> call(index, boot, call);
      case Entry.End end -> {
        if (end.of() >= boot.check.lastSeq()) {
          findings.add(Finding.at(Kind.RECORD, index, "the end of a call that is not before it"));
        }
        boot.open--;
      }
    }
  }

  private void own(long index, BootState boot, OperatorEntry entry) {
    if (boot.start != null && boot.start.uid() != null) {
      findings.add(
          Finding.at(Kind.RECORD, index, "a record of kind " + entry.kind() + " that a pod wrote"));
      return;
    }
    switch (entry) {
      case OperatorEntry.Issue issue -> {
        if (issue.uid() != null) {
          enrolled.putIfAbsent(issue.uid(), new Report.Silent(issue.uid(), issue.holder(), index));
        }
      }
      case OperatorEntry.Grant grant -> ledger.granted(index, grant);
      case OperatorEntry.Settle settle -> ledger.settled(index, settle);
      case OperatorEntry.Revoke revoke -> {}
      case OperatorEntry.Rotate rotate -> {}
    }
  }

  private void call(long index, BootState boot, Entry.Call call) {
    calls.merge(call.decision(), 1L, Long::sum);
    if (call.decision() == Entry.Decision.ALLOW) {
      boot.open++;
      ledger.call(index, boot.check.boot(), call);
    }
    for (Entry.Count count : call.counts()) {
      Counter counter = counters.computeIfAbsent(count.cid(), cid -> new Counter());
      counter.limit = Math.max(counter.limit, count.limit());
      if (call.decision() == Entry.Decision.ALLOW && ++counter.counted > counter.limit) {
        findings.add(
            Finding.at(
                Kind.LIMIT,
                index,
                "call "
                    + counter.counted
                    + " under "
                    + count.cid()
                    + ", whose limit is "
                    + counter.limit));
      } else if (count.used() > count.limit()) {
        findings.add(
            Finding.at(
                Kind.LIMIT,
                index,
                count.used() + " calls used of " + count.limit() + " under " + count.cid()));
      }
    }
  }

  /** Ends the reading. */
  Report report(@Nullable Checkpoint checkpoint, long witnessed, long entries, long unseen) {
    boots.values().forEach(this::predecessor);
    if (!beginningMayBeGone) {
      ledger.end();
    }
    enrolled.keySet().removeAll(recorded);
    List<Report.Unstopped> unstopped = new ArrayList<>();
    long unended = 0;
    for (BootState boot : boots.values()) {
      unended += Math.max(0, boot.open);
      if (!boot.check.stopped()) {
        unstopped.add(
            new Report.Unstopped(
                boot.check.boot(), boot.pod, boot.check.lastSeq(), boot.lastIndex));
      }
    }
    unstopped.sort(Comparator.comparingLong(Report.Unstopped::lastIndex));
    Map<String, Long> decisions = new HashMap<>();
    calls.forEach(
        (decision, count) -> decisions.put(decision.name().toLowerCase(Locale.ROOT), count));
    return new Report(
        checkpoint,
        witnessed,
        entries,
        unseen,
        boots.size(),
        decisions,
        unstopped,
        unended,
        counters.size(),
        ledger.reconciled(),
        List.copyOf(enrolled.values()),
        findings.kept(),
        findings.count());
  }

  /**
   * A start says how far the boot before it had come: what is not in the log then was never
   * shipped, or was removed.
   */
  private void predecessor(BootState boot) {
    if (boot.start == null || boot.start.previousBoot() == null) {
      return;
    }
    String name = boot.start.previousBoot();
    BootState before = boots.get(name);
    long has = before == null ? 0 : before.check.lastSeq();
    if (before == null && beginningMayBeGone) {
      return;
    }
    // An operator that was replaced may have written after the next one read how far it was.
    boolean replaced = boot.start.uid() == null && has > boot.start.previousSeq();
    if (has != boot.start.previousSeq() && !replaced) {
      findings.add(
          Finding.at(
              Kind.MISSING,
              boot.startIndex,
              "the boot before, "
                  + name
                  + ", had come to record "
                  + boot.start.previousSeq()
                  + "; the log has "
                  + has));
    }
  }
}

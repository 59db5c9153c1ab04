package dev.writ.cli.demo;

import dev.writ.audit.AuditRecord;
import dev.writ.audit.Entry;
import dev.writ.audit.log.DirectoryStorage;
import dev.writ.audit.log.LogReader;
import dev.writ.audit.log.LogSource;
import dev.writ.audit.log.RecordScan;
import dev.writ.audit.note.VerifierKey;
import dev.writ.audit.verify.LogVerifier;
import dev.writ.audit.verify.Report;
import dev.writ.contract.ErrorCode;
import dev.writ.contract.MalformedException;
import dev.writ.contract.key.Ed25519;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Predicate;

/** The operator's log, read and verified as an auditor would: from its files and its key. */
final class Records {
  private final LogSource log;
  private final VerifierKey key;
  private final Predicate<Entry.Call> about;
  private final Ed25519 ed25519 = Ed25519.bouncyCastle();
  private long read;
  private long allowed;
  private long exhausted;

  Records(Path folder, VerifierKey key) throws IOException {
    this(
        DirectoryStorage.reading(folder),
        key,
        call -> call.service().endsWith("/svc/ledger-agent"));
  }

  /**
   * Reads from any place.
   *
   * @param about which calls to count
   */
  Records(LogSource log, VerifierKey key, Predicate<Entry.Call> about) {
    this.log = log;
    this.key = key;
    this.about = about;
  }

  /**
   * Transfers in the log so far.
   *
   * @param allowed that the billing agent was granted
   * @param exhausted that it was refused because it had used up its calls
   */
  record Transfers(long allowed, long exhausted) {}

  /** Counts on from where the last look ended. */
  Transfers transfers() throws IOException, StoryFailure {
    try {
      LogReader reader = LogReader.open(log, List.of(key), ed25519);
      RecordScan.each(reader.entries(), read, (index, line, record, pod) -> count(index, record));
    } catch (FileNotFoundException e) {
      return new Transfers(allowed, exhausted);
    } catch (MalformedException e) {
      throw new StoryFailure("the log's checkpoint: " + e.getMessage());
    }
    return new Transfers(allowed, exhausted);
  }

  private void count(long index, AuditRecord record) {
    read = index + 1;
    if (record.entry() instanceof Entry.Call call
        && "transfer".equals(call.action())
        && about.test(call)) {
      allowed += call.code() == null ? 1 : 0;
      exhausted += call.code() == ErrorCode.QUOTA_EXHAUSTED ? 1 : 0;
    }
  }

  /** Verifies all of it; throws at the first thing that is wrong. */
  Report verify() throws IOException, StoryFailure {
    Report report = LogVerifier.verify(log, LogVerifier.Options.of(key), ed25519);
    if (!report.isOk()) {
      throw new StoryFailure("the log does not verify: " + report.findings().getFirst());
    }
    return report;
  }
}

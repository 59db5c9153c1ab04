import dev.writ.audit.Entry;
import dev.writ.audit.RecordChain;
import dev.writ.audit.log.Batch;
import dev.writ.audit.log.CheckpointStore;
import dev.writ.audit.log.Committed;
import dev.writ.audit.log.DirectoryStorage;
import dev.writ.audit.log.LogWriter;
import dev.writ.audit.log.Outcome;
import dev.writ.audit.note.NoteSigner;
import dev.writ.audit.verify.LogVerifier;
import dev.writ.audit.verify.Report;
import dev.writ.contract.key.Ed25519;
import dev.writ.contract.key.PrivateKey;
import dev.writ.sidecar.journal.AuditUnavailableException;
import dev.writ.sidecar.journal.Journal;
import dev.writ.sidecar.journal.Retention;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.UUID;
import java.util.stream.Stream;

/**
 * How fast the log's writer is on one core, what a record costs on disk and in the gate, and how
 * fast all of it is verified (performance.md). Started by {@code bench/log}; CPU seconds of the
 * thread and wall seconds are printed apart: the difference is waiting for the disk.
 */
final class LogBench {
  private static final String CID = "1f0c2a9e-0b1d-4e57-9a55-2f5d8a6f3b11";

  private LogBench() {}

  public static void main(String[] arguments) throws IOException {
    int records = Integer.parseInt(arguments[0]);
    int batch = Integer.parseInt(arguments[1]);
    Path folder = Files.createTempDirectory(Path.of(arguments[2]), "log-bench");
    try {
      run(folder.resolve("warm"), Math.min(records, 20_000), batch, false);
      run(folder.resolve("log"), records, batch, true);
      journal(folder.resolve("journal-warm"), Math.min(records, 20_000) / 2, false);
      journal(folder.resolve("journal"), records / 2, true);
    } finally {
      try (Stream<Path> files = Files.walk(folder)) {
        files.sorted(java.util.Comparator.reverseOrder()).forEach(LogBench::delete);
      }
    }
  }

  private static void run(Path folder, int records, int batch, boolean print) throws IOException {
    List<Batch> batches = batches(records, batch);
    NoteSigner signer = new NoteSigner("writ.dev/log/bench", PrivateKey.generate());
    LogWriter writer =
        LogWriter.open(
            List.of(signer),
            DirectoryStorage.writing(folder),
            new Memory(),
            () -> UUID.randomUUID().toString(),
            Ed25519.bouncyCastle());
    long cpu = cpu();
    long wall = System.nanoTime();
    for (Batch each : batches) {
      for (Outcome outcome : writer.append(List.of(each))) {
        if (!(outcome instanceof Outcome.Stored)) {
          throw new IllegalStateException(outcome.toString());
        }
      }
    }
    double cpuSeconds = (cpu() - cpu) / 1e9;
    double wallSeconds = (System.nanoTime() - wall) / 1e9;
    long lines =
        batches.stream().flatMap(each -> each.lines().stream()).mapToLong(String::length).sum();
    long verify = System.nanoTime();
    Report report =
        LogVerifier.verify(
            DirectoryStorage.reading(folder),
            LogVerifier.Options.of(signer.verifierKey()),
            Ed25519.bouncyCastle());
    double verifySeconds = (System.nanoTime() - verify) / 1e9;
    if (!report.isOk() || report.entries() != records) {
      throw new IllegalStateException(report.toString());
    }
    if (print) {
      say("records appended, batches of %d: %d", batch, records);
      say("records/s of one core (CPU of the writer): %.0f", records / cpuSeconds);
      say("records/s by the clock, disk included: %.0f", records / wallSeconds);
      say(
          "bytes per record: %d in the log's lines, %d on disk with tiles",
          lines / records, size(folder) / records);
      say("verified: %.1f s (%.0f records/s)", verifySeconds, records / verifySeconds);
    }
  }

  /** What a gate waits for before it forwards a call, and after the answer: shipped code. */
  private static void journal(Path folder, int calls, boolean print) throws IOException {
    long[] nanos = new long[calls];
    Instant now = Instant.parse("2026-11-22T10:00:00.123Z");
    try (Journal journal = Journal.open(folder, "00000000000000b1", Retention.standalone())) {
      journal.append(new Entry.Start(now, "bank/ledger-0", UUID.randomUUID().toString(), null, 0));
      for (int i = 0; i < calls; i++) {
        long before = System.nanoTime();
        long call = journal.append(call(now, i)).seq();
        journal.append(new Entry.End(now, "bank/ledger-0", call, 200, 740));
        nanos[i] = System.nanoTime() - before;
      }
    } catch (AuditUnavailableException e) {
      throw new IOException(e);
    }
    Arrays.sort(nanos);
    if (print) {
      say(
          "added to a call at the gate by its two records: p50 %.1f us, p99 %.1f us",
          nanos[calls / 2] / 1e3, nanos[calls * 99 / 100] / 1e3);
    }
  }

  private static List<Batch> batches(int records, int size) {
    RecordChain chain = new RecordChain("00000000000000a1");
    List<Batch> batches = new ArrayList<>();
    List<String> lines = new ArrayList<>();
    Instant now = Instant.parse("2026-11-22T10:00:00.123Z");
    for (int i = 0; i < records; i++) {
      Entry entry =
          i == 0
              ? new Entry.Start(now, "bank/ledger-0", UUID.randomUUID().toString(), null, 0)
              : i % 2 == 1 ? call(now, i) : new Entry.End(now, "bank/ledger-0", i, 200, 740);
      RecordChain.Sealed sealed = chain.seal(entry);
      chain.stored(sealed);
      lines.add(sealed.line());
      if (lines.size() == size || i == records - 1) {
        batches.add(new Batch(chain.boot(), lines));
        lines = new ArrayList<>();
      }
    }
    return batches;
  }

  private static Entry.Call call(Instant now, int number) {
    return new Entry.Call(
        now,
        "bank/ledger-0",
        "spiffe://cluster.local/ns/bank/svc/ledger-agent",
        Entry.Decision.ALLOW,
        null,
        Entry.Mode.ENFORCE,
        "transfer",
        "POST",
        "/v1/transfers",
        List.of(
            new Entry.Link(
                "spiffe://cluster.local/ns/plan/sa/billing-agent",
                CID,
                "38afa75c-0907-423c-bc52-111dac7ac28f",
                "tvpXQgoH2Jt_Of1hY7DBZcyDBrX2cLORDfK7jwPzxPw")),
        "tvpXQgoH2Jt_Of1hY7DBZcyDBrX2cLORDfK7jwPzxPw",
        "sha-256=:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=:",
        List.of(new Entry.Count(CID, 100_000_000, number)),
        "10.1.2.3:47110",
        null,
        "4bf92f3577b34da6a3ce929d0e0e4736",
        85);
  }

  private static final class Memory implements CheckpointStore {
    private Committed committed;

    @Override
    public Committed read() {
      return committed;
    }

    @Override
    public boolean compareAndSwap(Committed expected, Committed next) {
      boolean same = Objects.equals(expected, committed);
      committed = same ? next : committed;
      return same;
    }
  }

  private static long cpu() {
    return ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime();
  }

  private static long size(Path folder) throws IOException {
    try (Stream<Path> files = Files.walk(folder)) {
      return files.filter(Files::isRegularFile).mapToLong(file -> file.toFile().length()).sum();
    }
  }

  private static void delete(Path file) {
    if (!file.toFile().delete()) {
      System.err.println("couldn't delete " + file);
    }
  }

  private static void say(String format, Object... arguments) {
    System.out.printf(Locale.ROOT, format + "%n", arguments);
  }
}

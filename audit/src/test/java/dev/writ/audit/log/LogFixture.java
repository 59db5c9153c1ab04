package dev.writ.audit.log;

import dev.writ.audit.AuditRecord;
import dev.writ.audit.Entry;
import dev.writ.audit.RecordChain;
import dev.writ.audit.note.NoteSigner;
import dev.writ.audit.note.VerifierKey;
import dev.writ.contract.ErrorCode;
import dev.writ.contract.MalformedException;
import dev.writ.contract.key.Ed25519;
import dev.writ.contract.key.PrivateKey;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;

/** A log to play with: one key, records that gates could have written. */
public final class LogFixture {
  public static final Ed25519 ED25519 = Ed25519.bouncyCastle();
  public static final String ORIGIN = "writ.dev/log/test";
  public static final String CID = "1f0c2a9e-0b1d-4e57-9a55-2f5d8a6f3b11";
  private static final Instant NOW = Instant.parse("2026-11-22T10:00:00.123Z");
  private static final AtomicInteger NAMES = new AtomicInteger();

  /** The log's key. */
  public final NoteSigner signer;

  public LogFixture() {
    this(PrivateKey.generate());
  }

  public LogFixture(PrivateKey key) {
    this.signer = new NoteSigner(ORIGIN, key);
  }

  public VerifierKey key() {
    return signer.verifierKey();
  }

  public LogWriter open(LogStorage storage, CheckpointStore checkpoints) throws IOException {
    return LogWriter.open(List.of(signer), storage, checkpoints, LogFixture::name, ED25519);
  }

  /** A writer with boots of its own keeping, opened: for seeding mistakes. */
  LogWriter open(LogStorage storage, CheckpointStore checkpoints, BootHeads heads)
      throws IOException {
    LogWriter writer =
        new LogWriter(
            List.of(signer), storage, checkpoints, LogFixture::name, ED25519, List.of(), heads);
    writer.append(List.of());
    return writer;
  }

  private static String name() {
    return "n" + NAMES.incrementAndGet();
  }

  /** A gate's journal. */
  public static final class Gate {
    private final RecordChain chain;
    private final List<String> lines = new ArrayList<>();

    public Gate(int number) {
      this(
          LogFixture.boot(number),
          new Entry.Start(NOW, "bank/ledger-" + number, "uid-" + number, null, 0));
    }

    public Gate(String boot, Entry.Start start) {
      chain = new RecordChain(boot);
      add(start);
    }

    public String boot() {
      return chain.boot();
    }

    public String add(Entry entry) {
      RecordChain.Sealed sealed = chain.seal(entry);
      chain.stored(sealed);
      lines.add(sealed.line());
      return sealed.receipt();
    }

    /** Allowed and denied calls in turn, and their ends. */
    public Gate calls(int count) {
      for (int i = 0; i < count; i++) {
        if (i % 3 == 2) {
          add(denied("/v1/transfers/" + i));
        } else {
          add(allowed("/v1/transfers/" + i, List.of()));
          add(new Entry.End(NOW, "bank/ledger-0", chain.lastSeq(), 200, 9));
        }
      }
      return this;
    }

    public Gate stop() {
      add(new Entry.Stop(NOW, "bank/ledger-0"));
      return this;
    }

    public List<String> lines() {
      return lines;
    }

    public Batch batch() {
      return new Batch(boot(), lines);
    }

    public Batch batch(int from, int to) {
      return new Batch(boot(), lines.subList(from, to));
    }
  }

  public static String boot(int number) {
    return String.format("%016x", number);
  }

  public static Instant now() {
    return NOW;
  }

  public static Entry.Call allowed(String target, List<Entry.Count> counts) {
    return call(target, Entry.Decision.ALLOW, null, null, null, counts);
  }

  public static Entry.Call denied(String target) {
    return call(target, Entry.Decision.DENY, ErrorCode.ARGUMENT_NOT_ALLOWED, null, null, List.of());
  }

  public static Entry.Call call(
      String target,
      Entry.Decision decision,
      ErrorCode code,
      String parent,
      String trace,
      List<Entry.Count> counts) {
    return new Entry.Call(
        NOW,
        "bank/ledger-0",
        "spiffe://cluster.local/ns/bank/svc/ledger",
        decision,
        code,
        Entry.Mode.ENFORCE,
        "transfer",
        "POST",
        target,
        List.of(
            new Entry.Link(
                "spiffe://cluster.local/ns/plan/sa/billing",
                CID,
                "38afa75c-0907-423c-bc52-111dac7ac28f",
                "tvpXQgoH2Jt_Of1hY7DBZcyDBrX2cLORDfK7jwPzxPw")),
        "proof",
        "sha-256=:AAAA:",
        counts,
        "127.0.0.1:4711",
        parent,
        trace,
        85);
  }

  /** The lines of a log of that size. */
  public static List<String> lines(LogSource source, long size) throws IOException {
    List<String> lines = new ArrayList<>();
    new TileReader(source, size)
        .each(0, (index, entry) -> lines.add(new String(entry, StandardCharsets.UTF_8)));
    return lines;
  }

  public static String receipt(String line) {
    try {
      return AuditRecord.parse(line).receipt();
    } catch (MalformedException e) {
      throw new AssertionError(e);
    }
  }
}

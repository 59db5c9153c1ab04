package dev.writ.cli.log;

import static org.assertj.core.api.Assertions.assertThat;

import dev.writ.audit.Entry;
import dev.writ.audit.OperatorEntry;
import dev.writ.audit.RecordChain;
import dev.writ.audit.log.Batch;
import dev.writ.audit.log.CheckpointStore;
import dev.writ.audit.log.Committed;
import dev.writ.audit.log.DirectoryStorage;
import dev.writ.audit.log.LogWriter;
import dev.writ.audit.note.NoteSigner;
import dev.writ.audit.note.VerifierKey;
import dev.writ.cli.CommandLineHarness;
import dev.writ.contract.ErrorCode;
import dev.writ.contract.key.Ed25519;
import dev.writ.contract.key.PrivateKey;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Every command on a small log in a folder, and on what is none. */
class LogCommandsTest {
  private static final Instant NOW = Instant.parse("2026-11-22T10:00:00Z");
  private static final String BOOT = "00000000000000a1";
  private static final String CID = "1f0c2a9e-0b1d-4e57-9a55-2f5d8a6f3b11";
  private static final String TRACE = "4bf92f3577b34da6a3ce929d0e0e4736";

  @TempDir private Path folder;
  private final CommandLineHarness writ = new CommandLineHarness(NOW);
  private final NoteSigner signer = new NoteSigner("writ.dev/log/test", PrivateKey.generate());
  private final List<String> gate = new ArrayList<>();
  private final RecordChain chain = new RecordChain(BOOT);
  private LogWriter writer;
  private String key = "";
  private String log = "";

  private static final class Checkpoints implements CheckpointStore {
    private @Nullable Committed committed;

    @Override
    public @Nullable Committed read() {
      return committed;
    }

    @Override
    public boolean compareAndSwap(@Nullable Committed expected, Committed next) {
      if (!Objects.equals(expected, committed)) {
        return false;
      }
      committed = next;
      return true;
    }
  }

  @BeforeEach
  void write() throws IOException {
    log = folder.resolve("log").toString();
    key = signer.verifierKey().toString();
    writer =
        LogWriter.open(
            List.of(signer),
            DirectoryStorage.writing(Path.of(log)),
            new Checkpoints(),
            () -> UUID.randomUUID().toString(),
            Ed25519.bouncyCastle());
    RecordChain operator = new RecordChain("00000000000000f1");
    List<String> own = new ArrayList<>();
    add(operator, own, new Entry.Start(NOW, "writ-system/writ-operator", null, null, 0));
    add(
        operator,
        own,
        new OperatorEntry.Issue(
            NOW,
            "writ-system/writ-operator",
            "plan/billing-0",
            "uid-1",
            "spiffe://cluster.local/ns/plan/sa/billing",
            "jkt",
            List.of(),
            List.of(new OperatorEntry.Contract(CID, "bank/billing-may-transfer", 1, CID, 9))));
    add(chain, gate, new Entry.Start(NOW, "bank/ledger-0", "uid-2", null, 0));
    add(chain, gate, call(Entry.Decision.ALLOW, null, null));
    add(chain, gate, new Entry.End(NOW, "bank/ledger-0", 2, 200, 5));
    add(chain, gate, call(Entry.Decision.DENY, ErrorCode.ARGUMENT_NOT_ALLOWED, BOOT + ".2"));
    writer.append(List.of(new Batch("00000000000000f1", own), new Batch(BOOT, List.copyOf(gate))));
  }

  private static void add(RecordChain chain, List<String> lines, Entry entry) {
    RecordChain.Sealed sealed = chain.seal(entry);
    chain.stored(sealed);
    lines.add(sealed.line());
  }

  private static Entry.Call call(
      Entry.Decision decision, @Nullable ErrorCode code, @Nullable String parent) {
    return new Entry.Call(
        NOW,
        "bank/ledger-0",
        "spiffe://cluster.local/ns/bank/svc/ledger",
        decision,
        code,
        Entry.Mode.ENFORCE,
        "transfer",
        "POST",
        "/v1/transfers\u001b[31m",
        List.of(new Entry.Link("spiffe://cluster.local/ns/plan/sa/billing", CID, CID, "jkt")),
        null,
        null,
        List.of(),
        "127.0.0.1:4711",
        parent,
        TRACE,
        85);
  }

  @Test
  void aGoodLogVerifiesAndSaysWhatWasChecked() {
    assertThat(writ.run("log", "verify", log, "--key", key)).isZero();
    assertThat(writ.out())
        .contains("6 entries", "1 calls allowed, 1 denied", "not asked for (--witness KEY)")
        .contains("plan/billing-0, UID uid-1", "All of it holds.");
  }

  @Test
  void aChangedEntryIsNamedAndTheExitCodeSaysSo() throws IOException {
    Path entries = Path.of(log, "tile", "entries", "000.p", "6");
    byte[] bytes = Files.readAllBytes(entries);
    bytes[bytes.length - 10] ^= 1;
    Files.write(entries, bytes);
    assertThat(writ.run("log", "verify", log, "--key", key)).isEqualTo(1);
    assertThat(writ.out()).contains("entry 5: ").doesNotContain("All of it holds");
  }

  @Test
  void entriesThatWereMovedAwayAreMissedUnlessTheAuditorKnowsOfIt() throws IOException {
    // Given
    int shipped = gate.size();
    for (int i = 0; i < 300; i++) {
      add(chain, gate, call(Entry.Decision.ALLOW, null, null));
    }
    writer.append(List.of(new Batch(BOOT, gate.subList(shipped, gate.size()))));
    Path archive = Files.createDirectories(folder.resolve("archive/tile/entries"));
    Files.move(Path.of(log, "tile", "entries", "000"), archive.resolve("000"));
    Files.writeString(Path.of(log, "entries-from"), "256\n");
    String archived = folder.resolve("archive").toString();
    // Then
    assertThat(writ.run("log", "verify", log, "--key", key)).isEqualTo(1);
    assertThat(writ.out()).contains("entries 0 to 255: couldn't read: tile/entries/000 is missing");
    assertThat(writ.err()).contains("--archive DIR", "--entries-from 256");
    assertThat(writ.run("log", "verify", log, "--key", key, "--entries-from", "256")).isZero();
    assertThat(writ.out()).contains("not seen     entries 0 to 255", "All that was read holds.");
    assertThat(writ.run("log", "verify", log, "--key", key, "--archive", archived)).isZero();
    assertThat(writ.out()).contains("All of it holds.").doesNotContain("not seen");
    assertThat(writ.run("log", "export", log, "--key", key, "--format", "json")).isZero();
    assertThat(writ.err()).contains("entries 0 to 255 were moved out");
    int rest = writ.out().split("\n", -1).length;
    assertThat(
            writ.run("log", "export", log, "--key", key, "--format", "json", "--archive", archived))
        .isZero();
    assertThat(writ.out().split("\n", -1)).hasSize(rest + 256);
    assertThat(writ.run("log", "verify", log, "--key", key, "--archive", "nowhere")).isEqualTo(2);
    assertThat(writ.err()).contains("give the one that holds tile/entries");
  }

  @Test
  void anOlderCheckpointOfAnotherHistoryIsFound() throws IOException {
    // Given
    Path older = Files.copy(Path.of(log, "checkpoint"), folder.resolve("older"));
    assertThat(writ.run("log", "verify", log, "--key", key, "--checkpoint", older.toString()))
        .isZero();
    LogWriter other =
        LogWriter.open(
            List.of(signer),
            DirectoryStorage.writing(folder.resolve("other")),
            new Checkpoints(),
            () -> UUID.randomUUID().toString(),
            Ed25519.bouncyCastle());
    RecordChain rewritten = new RecordChain(BOOT);
    List<String> lines = new ArrayList<>();
    add(rewritten, lines, new Entry.Start(NOW, "bank/ledger-0", "uid-2", null, 0));
    for (int i = 0; i < 6; i++) {
      add(rewritten, lines, call(Entry.Decision.ALLOW, null, null));
    }
    other.append(List.of(new Batch(BOOT, lines)));
    // When
    int exit =
        writ.run(
            "log",
            "verify",
            folder.resolve("other").toString(),
            "--key",
            key,
            "--checkpoint",
            older.toString());
    // Then
    assertThat(exit).isEqualTo(1);
    assertThat(writ.out()).contains("not those of the checkpoint seen before");
  }

  @Test
  void badInputIsSaidWithWhatToWriteInstead() throws IOException {
    String witness =
        new VerifierKey(
                "w.example", VerifierKey.Type.COSIGNATURE, PrivateKey.generate().publicKey())
            .toString();
    String stranger =
        new NoteSigner("writ.dev/log/test", PrivateKey.generate()).verifierKey().toString();
    Path empty = Files.createDirectory(folder.resolve("empty"));
    assertThat(writ.run("log", "verify", "nowhere", "--key", key)).isEqualTo(2);
    assertThat(writ.err()).contains("neither a folder nor an http(s) URL");
    assertThat(writ.run("log", "verify", empty.toString(), "--key", key)).isEqualTo(2);
    assertThat(writ.err()).contains("there is no checkpoint");
    assertThat(writ.run("log", "verify", log, "--key", "nonsense")).isEqualTo(2);
    assertThat(writ.err()).contains("NAME+ID+KEY");
    assertThat(writ.run("log", "verify", log, "--key", witness)).isEqualTo(2);
    assertThat(writ.err()).contains("is a witness's key");
    assertThat(writ.run("log", "verify", log, "--key", key, "--quorum", "1")).isEqualTo(2);
    assertThat(writ.run("log", "verify", log, "--key", key, "--witness", witness)).isEqualTo(1);
    assertThat(writ.out()).contains("no checkpoint has 1 of the witnesses");
    assertThat(writ.run("log", "verify", log, "--key", stranger)).isEqualTo(1);
    assertThat(writ.run("log", "trace", log, "--key", stranger, "--receipt", BOOT + ".2"))
        .isEqualTo(1);
    assertThat(writ.run("log", "trace", log, "--key", key, "--receipt", "x")).isEqualTo(2);
    assertThat(writ.run("log", "trace", log, "--key", key)).isEqualTo(2);
    assertThat(writ.run("log", "trace", log, "--key", key, "--capability", "a/b")).isEqualTo(1);
    assertThat(writ.run("log", "export", log, "--key", key, "--format", "xml")).isEqualTo(2);
    assertThat(writ.run("log", "export", log, "--key", key, "--format", "csv", "--from", "9"))
        .isEqualTo(2);
  }

  @Test
  void aCallIsTracedByItsTraceItsReceiptAndItsCapability() {
    for (String[] by :
        new String[][] {
          {"--trace", TRACE},
          {"--receipt", BOOT + ".4"},
          {"--capability", "bank/billing-may-transfer"},
          {"--capability", CID}
        }) {
      assertThat(writ.run("log", "trace", log, "--key", key, by[0], by[1])).isZero();
      assertThat(writ.out())
          .contains("allowed 200", "└─ ✘ denied argument-not-allowed", "by plan/billing")
          .doesNotContain("\u001b");
    }
    assertThat(writ.run("log", "trace", log, "--key", key, "--trace", TRACE, "--output", "json"))
        .isZero();
    assertThat(writ.out()).startsWith("[{\"receipt\":\"" + BOOT + ".2\"").contains("children");
  }

  @Test
  void aProofStandsByItselfAndFailsForAnotherRecord() {
    String proofs = folder.resolve("proofs").toString();
    assertThat(writ.run("log", "trace", log, "--key", key, "--trace", TRACE, "--proof", proofs))
        .isZero();
    String proof = proofs + "/" + BOOT + ".4.tlog-proof";
    assertThat(writ.run("log", "proof", proof, proofs + "/" + BOOT + ".4.json", "--key", key))
        .isZero();
    assertThat(writ.out()).startsWith("entry 5 of the log").doesNotContain("\u001b");
    assertThat(writ.run("log", "proof", proof, proofs + "/" + BOOT + ".2.json", "--key", key))
        .isEqualTo(1);
    assertThat(writ.run("log", "proof", proof, "nowhere", "--key", key)).isEqualTo(2);
  }

  @Test
  void theTailShowsDecisionsAndTheDeniedAloneIfAsked() {
    assertThat(writ.run("log", "tail", log, "--key", key)).isZero();
    assertThat(writ.out().lines()).hasSize(2).noneMatch(line -> line.contains("\u001b"));
    assertThat(writ.run("log", "tail", log, "--key", key, "--denied")).isZero();
    assertThat(writ.out().lines())
        .singleElement()
        .satisfies(line -> assertThat(line).contains("deny argument-not-allowed"));
  }

  @Test
  void recordsAreExportedInEachFormat() throws IOException {
    assertThat(writ.run("log", "export", log, "--key", key, "--format", "json", "--from", "2"))
        .isZero();
    assertThat(writ.out().lines()).containsExactlyElementsOf(gate);
    Path file = folder.resolve("out.csv");
    assertThat(
            writ.run(
                "log", "export", log, "--key", key, "--format", "csv", "--out", file.toString()))
        .isZero();
    assertThat(Files.readAllLines(file))
        .hasSize(7)
        .allMatch(row -> row.split(",", -1).length == 22);
    assertThat(writ.run("log", "export", log, "--key", key, "--format", "ocsf")).isZero();
    assertThat(writ.out().lines()).hasSize(2).allMatch(line -> line.contains("\"class_uid\":6003"));
  }
}

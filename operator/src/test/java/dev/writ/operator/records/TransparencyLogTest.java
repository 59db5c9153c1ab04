package dev.writ.operator.records;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.writ.audit.AuditRecord;
import dev.writ.audit.Entry;
import dev.writ.audit.OperatorEntry;
import dev.writ.audit.OperatorEntry.BootTotals;
import dev.writ.audit.OperatorEntry.Totals;
import dev.writ.audit.RecordChain;
import dev.writ.audit.log.ArchivedSource;
import dev.writ.audit.log.CheckpointStore;
import dev.writ.audit.log.Committed;
import dev.writ.audit.log.DirectoryStorage;
import dev.writ.audit.log.LogPaths;
import dev.writ.audit.log.LogReader;
import dev.writ.audit.log.LogRefusedException;
import dev.writ.audit.log.LogSource;
import dev.writ.audit.log.LogStorage;
import dev.writ.audit.log.Outcome;
import dev.writ.audit.note.NoteSigner;
import dev.writ.audit.verify.LogVerifier;
import dev.writ.audit.verify.Report;
import dev.writ.contract.MalformedException;
import dev.writ.contract.SpiffeId;
import dev.writ.contract.document.Members;
import dev.writ.contract.document.RevocationList;
import dev.writ.contract.document.TrustBundle;
import dev.writ.contract.json.JsonValue;
import dev.writ.contract.json.JsonWriter;
import dev.writ.contract.key.Ed25519;
import dev.writ.contract.key.PrivateKey;
import dev.writ.operator.cluster.InjectedPod;
import dev.writ.operator.counting.LoggedChanges;
import dev.writ.operator.ledger.LedgerState;
import dev.writ.operator.records.RecordLog.Sender;
import dev.writ.operator.revoke.SignedList;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TransparencyLogTest {
  private static final String BOOT = "00000000000000aa";
  private static final String PATH = "1f0c2a9e-0b1d-4e57-9a55-2f5d8a6f3b11";
  private static final Sender POD =
      new Sender("11111111-0000-0000-0000-000000000000", "bank/ledger-0");
  private static final Sender OTHER =
      new Sender("22222222-0000-0000-0000-000000000000", "bank/ledger-1");

  @TempDir private Path folder;
  private final Checkpoints checkpoints = new Checkpoints();
  private final LogKeys keys =
      new LogKeys(List.of(new NoteSigner("writ.dev/log/test", PrivateKey.generate())), List.of());
  private List<String> heard = new ArrayList<>();
  private LoggedChanges changes = new LoggedChanges();
  private Instant now = Instant.EPOCH;
  private Optional<Duration> keep = Optional.empty();
  private Optional<LogStorage> archive = Optional.empty();
  private final List<String> live = new ArrayList<>();
  private final ScheduledExecutorService timer = Executors.newSingleThreadScheduledExecutor();
  private final List<String> lines = lines(POD, BOOT, 4);

  /** A swap that can fail before or after it had its effect. */
  private static final class Checkpoints implements CheckpointStore {
    private @Nullable Committed committed;
    private boolean failsBefore;
    private boolean failsAfter;

    @Override
    public @Nullable Committed read() {
      return committed;
    }

    @Override
    public boolean compareAndSwap(@Nullable Committed expected, Committed next) throws IOException {
      if (failsBefore) {
        throw new IOException("no API server");
      }
      if (!Objects.equals(expected, committed)) {
        return false;
      }
      committed = next;
      if (failsAfter) {
        throw new IOException("the connection broke");
      }
      return true;
    }
  }

  @AfterEach
  void tearDown() {
    timer.shutdownNow();
  }

  private static List<String> lines(Sender pod, String boot, int count) {
    RecordChain chain = new RecordChain(boot);
    List<String> lines = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      Entry entry =
          i == 0
              ? new Entry.Start(Instant.EPOCH, pod.namespacedName(), pod.uid(), null, 0)
              : new Entry.End(Instant.EPOCH, pod.namespacedName(), 1, 200, 5);
      lines.add(next(chain, entry));
    }
    return lines;
  }

  private static String next(RecordChain chain, Entry entry) {
    RecordChain.Sealed sealed = chain.seal(entry);
    chain.stored(sealed);
    return sealed.line();
  }

  private LogService open() throws IOException {
    return open(folder.resolve("log"), checkpoints, keys);
  }

  private LogService open(Path place, CheckpointStore store, LogKeys signing) throws IOException {
    heard = new ArrayList<>();
    changes = new LoggedChanges();
    return LogService.open(
        new LogService.Parts(
            DirectoryStorage.writing(place),
            archive,
            keep,
            store,
            signing,
            "writ-system",
            () -> now,
            new SecureRandom(),
            timer),
        List.of(new Heard(heard), changes),
        List.of((index, uid, stored) -> live.add(stored.receipt())));
  }

  /** Remembers who recorded what, and that each came once and in order. */
  private record Heard(List<String> records) implements Remembered {
    @Override
    public void stored(long index, String podUid, AuditRecord stored) {
      assertThat(index).isEqualTo(records.size());
      records.add(podUid.isEmpty() ? "operator" : stored.receipt());
    }

    @Override
    public String name() {
      return "heard";
    }

    @Override
    public void save(JsonWriter json) {
      json.beginArray();
      records.forEach(json::value);
      json.endArray();
    }

    @Override
    public Runnable restored(JsonValue sums) throws MalformedException {
      List<JsonValue> all = Members.list("heard", sums);
      return () -> all.forEach(each -> records.add(((JsonValue.JsonString) each).value()));
    }
  }

  private Report verified() throws IOException {
    Report report =
        LogVerifier.verify(
            DirectoryStorage.reading(folder.resolve("log")),
            LogVerifier.Options.of(keys.current()),
            Ed25519.bouncyCastle());
    assertThat(report.findings()).isEmpty();
    return report;
  }

  private static Totals totals(long granted, boolean closed) {
    return new Totals(
        PATH,
        1,
        1000,
        closed ? granted : 0,
        closed ? 0 : granted,
        0,
        new BootTotals(BOOT, POD.uid(), granted, 0, granted, 0, closed));
  }

  @Test
  void listenersHearEveryRecordOnceAndInOrderAndAgainAfterARestart() throws IOException {
    // Given
    try (LogService log = open()) {
      log.records().append(POD, BOOT, lines.subList(0, 2));
      // When
      Outcome outcome = log.records().append(POD, BOOT, lines);
      // Then
      assertThat(outcome.acked()).isEqualTo(4);
      assertThat(heard)
          .containsExactly(
              "operator", "operator", BOOT + ".1", BOOT + ".2", BOOT + ".3", BOOT + ".4");
    }
    try (LogService log = open()) {
      assertThat(log.size()).isEqualTo(8);
      assertThat(heard)
          .containsExactly(
              "operator",
              "operator",
              BOOT + ".1",
              BOOT + ".2",
              BOOT + ".3",
              BOOT + ".4",
              "operator",
              "operator");
    }
    assertThat(verified().unstopped()).hasSize(1);
  }

  @Test
  void aStartReadsOnFromTheLastSummaryAndFromTheBeginningWithoutOne() throws IOException {
    // Given
    List<String> all;
    try (LogService log = open()) {
      log.records().append(POD, BOOT, lines.subList(0, 3));
      log.own().granted(List.of(totals(10, false)));
      log.summarise();
      log.records().append(POD, BOOT, lines);
      all = List.copyOf(heard);
    }
    Path bundle = folder.resolve("log/tile/entries/000.p/8");
    byte[] good = Files.readAllBytes(bundle);
    // When
    try (LogService log = open()) {
      // Then
      assertThat(heard.subList(0, all.size())).isEqualTo(all);
      assertThat(changes.logged(PATH).entry(PATH).outstanding()).isEqualTo(10);
      assertThat(log.records().append(POD, BOOT, lines).acked()).isEqualTo(4);
    }
    assertThat(good).isNotEmpty();
    Report report = verified();
    for (Path summary : files("sums")) {
      byte[] bytes = Files.readAllBytes(summary);
      bytes[bytes.length - 9] ^= 1;
      Files.write(summary, bytes);
    }
    try (LogService log = open()) {
      assertThat(log.size()).isEqualTo(report.entries() + 1);
      assertThat(heard).hasSize((int) log.size());
      assertThat(heard.subList(0, all.size())).isEqualTo(all);
    }
  }

  @Test
  void aSummaryOfAnotherTreeOrByAnotherKeyIsNotTaken() throws IOException {
    // Given
    try (LogService log = open()) {
      log.summarise();
    }
    Path summary = files("sums").getFirst();
    byte[] mine = Files.readAllBytes(summary);
    Path other = folder.resolve("other");
    try (LogService log = open(other, new Checkpoints(), keys)) {
      log.summarise();
    }
    // When
    Files.copy(
        other.resolve("sums/2"), summary.resolveSibling("2"), StandardCopyOption.REPLACE_EXISTING);
    heard = new ArrayList<>();
    // Then
    try (LogService log = open()) {
      assertThat(heard).hasSize((int) log.size());
    }
    assertThat(mine).isNotEmpty();
  }

  @Test
  void onlyWhatComesAfterTheStartIsToldToThoseWhoCopy() throws IOException {
    try (LogService log = open()) {
      log.records().append(POD, BOOT, lines.subList(0, 2));
    }
    live.clear();
    // When
    try (LogService log = open()) {
      log.records().append(POD, BOOT, lines);
      // Then
      assertThat(live).contains(BOOT + ".3", BOOT + ".4").doesNotContain(BOOT + ".1");
    }
  }

  @Test
  void oldEntriesGoToTheArchiveAndTheRestIsProvedAsBefore() throws IOException {
    // Given
    keep = Optional.of(Duration.ofDays(30));
    archive = Optional.of(DirectoryStorage.writing(folder.resolve("archive")));
    List<String> many = lines(POD, BOOT, 1_000);
    try (LogService log = open()) {
      log.records().append(POD, BOOT, many.subList(0, 600));
      now = now.plus(Duration.ofDays(10));
      log.own().granted(List.of(totals(10, false)));
      log.records().append(POD, BOOT, many);
      now = now.plus(Duration.ofDays(10));
      log.own().granted(List.of(totals(20, false)));
      log.snapshot();
      // When
      log.tidy();
      assertThat(log.entriesFrom()).as("nothing is old enough").isZero();
      now = now.plus(Duration.ofDays(25));
      log.tidy();
      // Then
      assertThat(log.entriesFrom()).isEqualTo(512);
      now = now.plus(Duration.ofDays(10));
      log.tidy();
      assertThat(log.entriesFrom()).isEqualTo(768);
    }
    LogSource rest = DirectoryStorage.reading(folder.resolve("log"));
    assertThat(LogPaths.entriesFrom(rest)).isEqualTo(768);
    assertThat(rest.read("tile/entries/000")).isNull();
    assertThat(rest.read("tile/0/000")).isNotNull();
    assertThat(verify(rest, 0).findings()).as("silently gone is wrong").isNotEmpty();
    Report seen = verify(rest, 768);
    assertThat(seen.findings()).isEmpty();
    assertThat(seen.unseen()).isEqualTo(768);
    Report whole = verify(new ArchivedSource(rest, archive.get()), 0);
    assertThat(whole.findings()).isEmpty();
    assertThat(whole.unseen()).isZero();
    // And a start does not miss them
    try (LogService log = open()) {
      assertThat(heard).hasSize((int) log.size());
      assertThat(changes.logged(PATH).entry(PATH).outstanding()).isEqualTo(20);
      assertThat(log.records().append(POD, BOOT, many).acked()).isEqualTo(1_000);
    }
    for (Path summary : files("sums")) {
      Files.delete(summary);
    }
    assertThatThrownBy(this::open)
        .isInstanceOf(IOException.class)
        .hasMessageContaining("the entries before 768 left the log by age")
        .hasMessageContaining("bundles from the archive");
    for (String bundle : List.of("000", "001", "002")) {
      Files.copy(
          folder.resolve("archive/tile/entries/" + bundle),
          folder.resolve("log/tile/entries/" + bundle));
    }
    Files.delete(folder.resolve("log/entries-from"));
    try (LogService log = open()) {
      assertThat(heard).hasSize((int) log.size());
    }
  }

  @Test
  void whatTheArchiveDidNotTakeStays() throws IOException {
    // Given
    keep = Optional.of(Duration.ofDays(30));
    archive = Optional.of(new Full());
    try (LogService log = open()) {
      log.records().append(POD, BOOT, lines(POD, BOOT, 600));
      log.own().granted(List.of(totals(10, false)));
      log.snapshot();
      now = now.plus(Duration.ofDays(40));
      // When
      log.tidy();
      // Then
      assertThat(log.entriesFrom()).isZero();
    }
    assertThat(verified().unseen()).isZero();
  }

  /** An archive without room. */
  private static final class Full implements LogStorage {
    @Override
    public byte @Nullable [] read(String path) {
      return null;
    }

    @Override
    public void write(String path, byte[] bytes) throws IOException {
      throw new IOException("No space left on device");
    }

    @Override
    public boolean replace(String path, byte @Nullable [] expected, byte[] bytes)
        throws IOException {
      throw new IOException("No space left on device");
    }

    @Override
    public List<String> list(String folder) {
      return List.of();
    }

    @Override
    public void delete(String path) {
      throw new AssertionError("nothing is deleted in an archive");
    }
  }

  private static Report verify(LogSource source, long from, LogKeys keys) throws IOException {
    return LogVerifier.verify(
        source,
        new LogVerifier.Options(List.of(keys.current()), null, List.of(), 0, from),
        Ed25519.bouncyCastle());
  }

  private Report verify(LogSource source, long from) throws IOException {
    return verify(source, from, keys);
  }

  private List<Path> files(String name) throws IOException {
    try (Stream<Path> files = Files.list(folder.resolve("log").resolve(name))) {
      return files.toList();
    }
  }

  @Test
  void keysAreRotatedWhileItRunsAndBothSignForAWhile() throws IOException {
    // Given
    NoteSigner first = keys.signers().getFirst();
    NoteSigner second = new NoteSigner("writ.dev/log/test", PrivateKey.generate());
    LogKeys both = new LogKeys(List.of(second, first), List.of());
    List<String> told = new ArrayList<>();
    try (LogService log = open()) {
      log.summarise();
      // When
      log.rotate(both, () -> told.add(log.size() + " entries"));
      log.records().append(POD, BOOT, lines);
      // Then
      assertThat(told).containsExactly("3 entries");
      LogSource source = DirectoryStorage.reading(folder.resolve("log"));
      assertThat(verify(source, 0, keys).findings()).isEmpty();
      assertThat(verify(source, 0, both).findings()).isEmpty();
      log.rotate(new LogKeys(List.of(second), List.of()), () -> {});
      log.records().append(OTHER, "00000000000000bb", lines(OTHER, "00000000000000bb", 2));
      assertThat(verify(source, 0, keys).findings()).isNotEmpty();
      assertThat(verify(source, 0, both).findings()).isEmpty();
    }
  }

  @Test
  void keysThatDidNotSignWhatIsPublicAreNotTaken() throws IOException {
    try (LogService log = open()) {
      NoteSigner stranger = new NoteSigner("writ.dev/log/test", PrivateKey.generate());
      // When
      assertThatThrownBy(() -> log.rotate(new LogKeys(List.of(stranger), List.of()), () -> {}))
          .isInstanceOf(LogRefusedException.class);
      // Then
      assertThat(log.records().append(POD, BOOT, lines).acked()).isEqualTo(4);
    }
    verified();
  }

  @Test
  void aSwapThatWorkedAndSaidOtherwiseIsMadeUpForAndHeardOfOnce() throws IOException {
    try (LogService log = open()) {
      checkpoints.failsAfter = true;
      assertThatThrownBy(() -> log.records().append(POD, BOOT, lines))
          .isInstanceOf(IOException.class);
      checkpoints.failsAfter = false;
      // When
      assertThat(log.records().append(POD, BOOT, lines).acked()).isEqualTo(4);
      // Then
      assertThat(heard).hasSize(6);
    }
    verified();
  }

  @Test
  void whatTheOperatorCouldNotRecordGoesBeforeWhatItRecordsNext() throws IOException {
    try (LogService log = open()) {
      checkpoints.failsBefore = true;
      assertThatThrownBy(() -> log.own().granted(List.of(totals(10, false))))
          .isInstanceOf(IOException.class);
      assertThat(changes.logged(PATH)).isEqualTo(LedgerState.EMPTY);
      checkpoints.failsBefore = false;
      // When
      log.own().granted(List.of(totals(20, false)));
      // Then
      assertThat(heard).containsOnly("operator").hasSize(4);
      assertThat(changes.logged(PATH).entry(PATH).boot(BOOT).granted()).isEqualTo(20);
    }
    verified();
  }

  @Test
  void totalsAreThereAfterARestartWithTheBootsThatAreOpen() throws IOException {
    // Given
    try (LogService log = open()) {
      log.own().granted(List.of(totals(10, false)));
    }
    try (LogService log = open()) {
      assertThat(changes.logged(PATH).entry(PATH).outstanding()).isEqualTo(10);
      // When
      log.own().settled(List.of(totals(10, true)));
      // Then
      assertThat(changes.logged(PATH).entry(PATH).outstanding()).isZero();
      assertThat(changes.logged(PATH).entry(PATH).used()).isEqualTo(10);
    }
  }

  @Test
  void keysAreRecordedWhenTheyChangeAndNotAgain() throws IOException {
    try (LogService log = open()) {
      long before = log.size();
      // When
      log.contractKeys("a", List.of("a"));
      log.contractKeys("a", List.of("a"));
      log.contractKeys("b", List.of("a", "b"));
      // Then
      assertThat(log.size()).isEqualTo(before + 2);
    }
    try (LogService log = open()) {
      long before = log.size();
      log.contractKeys("b", List.of("a", "b"));
      assertThat(log.size()).isEqualTo(before);
    }
  }

  @Test
  void anEnrolmentWithMoreThanARecordHoldsIsSaidInSeveral() throws IOException {
    List<OperatorEntry.Contract> contracts = new ArrayList<>();
    List<String> services = new ArrayList<>();
    String longName = "n".repeat(63) + "/" + "c".repeat(253);
    for (int i = 0; i < 100; i++) {
      contracts.add(new OperatorEntry.Contract(PATH, longName, i, PATH, Long.MAX_VALUE / 1024));
      services.add("spiffe://" + "d".repeat(253) + "/ns/" + "n".repeat(63) + "/svc/s" + i);
    }
    try (LogService log = open()) {
      long before = log.size();
      // When
      new IssueRecords(log.own())
          .issued(
              new InjectedPod(
                  "bank", "ledger-0", POD.uid(), "ledger", Map.of(), List.of(), null, false, false),
              SpiffeId.workload("cluster.local", "bank", "ledger"),
              PrivateKey.generate().publicKey(),
              services,
              contracts);
      // Then
      assertThat(log.size()).isEqualTo(before + 9);
    }
    assertThat(verified().silent()).extracting(Report.Silent::pod).containsExactly("bank/ledger-0");
  }

  @Test
  void aRecordThatIsTooLargeIsRefusedAndDoesNotBlockWhatComesAfter() throws IOException {
    try (LogService log = open()) {
      OperatorEntry.Rotate large =
          new OperatorEntry.Rotate(
              Instant.EPOCH, "o", OperatorEntry.Signing.LOG, "k".repeat(17_000), List.of());
      assertThatThrownBy(() -> log.own().append(List.of(large))).hasMessageContaining("16 KiB");
      // When
      log.own().granted(List.of(totals(10, false)));
      // Then
      assertThat(changes.logged(PATH).entry(PATH)).isNotNull();
    }
    verified();
  }

  @Test
  void aRevocationListIsRecordedOnceByWhatIsNewInIt() throws Exception {
    PrivateKey issuer = PrivateKey.generate();
    TrustBundle trust = TrustBundle.of(List.of(issuer.publicKey()));
    try (LogService log = open()) {
      RevokeRecords revokes = new RevokeRecords(log.own(), () -> trust, Ed25519.bouncyCastle());
      long before = log.size();
      // When
      revokes.accept(list(issuer, 1, Set.of(), Map.of()));
      revokes.accept(list(issuer, 2, Set.of(PATH), Map.of()));
      revokes.accept(list(issuer, 2, Set.of(PATH), Map.of()));
      revokes.accept(list(issuer, 3, Set.of(PATH), Map.of(PATH, 4L)));
      log.own().append(List.of(new OperatorEntry.Grant(Instant.EPOCH, "o", totals(1, false))));
      // Then
      assertThat(log.size()).isEqualTo(before + 3);
    }
    verified();
  }

  private static SignedList list(
      PrivateKey issuer, long seq, Set<String> cids, Map<String, Long> gens) {
    RevocationList list =
        new RevocationList(
            SpiffeId.issuer("cluster.local"), 1, 301, seq, cids, Set.of(), Set.of(), gens);
    return new SignedList(seq, seq, list.sign(issuer));
  }

  @Test
  void aSecondOperatorTakesOverAndTheFirstHearsOfWhatItWroteOrFails() throws IOException {
    try (LogService first = open()) {
      first.records().append(POD, BOOT, lines.subList(0, 1));
      List<String> heardByFirst = heard;
      LogService second = open();
      second.records().append(OTHER, "00000000000000bb", lines(OTHER, "00000000000000bb", 3));
      // When: the first one's swap fails once, then it goes on from where the second is
      assertThatThrownBy(() -> first.records().append(POD, BOOT, lines))
          .hasMessageContaining("another writer");
      assertThat(first.records().append(POD, BOOT, lines).acked()).isEqualTo(4);
      // Then
      assertThat(heardByFirst).hasSize((int) first.size());
      assertThatThrownBy(second::close).hasMessageContaining("another writer");
    }
    verified();
  }

  @Test
  void aBootBelongsToThePodThatBeganItAndTheOperatorsToNone() throws Exception {
    try (LogService log = open()) {
      log.records().append(POD, BOOT, lines);
      AuditRecord first =
          AuditRecord.parse(
              new String(
                  LogReader.open(log.files(), List.of(keys.current()), Ed25519.bouncyCastle())
                      .entries()
                      .entry(0),
                  StandardCharsets.UTF_8));
      // When
      RecordChain forged = new RecordChain(first.boot());
      forged.stored(forged.seal(first.entry()));
      String next = next(forged, new Entry.Stop(Instant.EPOCH, OTHER.namespacedName()));
      // Then
      assertThat(log.records().append(OTHER, BOOT, List.of())).isInstanceOf(Outcome.Foreign.class);
      assertThat(log.records().append(OTHER, BOOT, lines)).isInstanceOf(Outcome.Foreign.class);
      assertThat(log.records().append(OTHER, first.boot(), List.of(next)))
          .isInstanceOf(Outcome.Foreign.class);
    }
  }

  @Test
  void aPodWritesOnlyWhatGatesWriteAndOnlyOfItself() throws IOException {
    try (LogService log = open()) {
      // Given
      RecordChain chain = new RecordChain("00000000000000cc");
      List<String> grants = new ArrayList<>();
      grants.add(
          next(chain, new Entry.Start(Instant.EPOCH, POD.namespacedName(), POD.uid(), null, 0)));
      grants.add(
          next(
              chain,
              new OperatorEntry.Grant(Instant.EPOCH, POD.namespacedName(), totals(5, false))));
      RecordChain nobody = new RecordChain("00000000000000dd");
      String withoutUid =
          next(nobody, new Entry.Start(Instant.EPOCH, POD.namespacedName(), null, null, 0));
      // When
      Outcome grant = log.records().append(POD, "00000000000000cc", grants);
      Outcome anonymous = log.records().append(POD, "00000000000000dd", List.of(withoutUid));
      Outcome other = log.records().append(OTHER, BOOT, lines);
      // Then
      assertThat(grant).isInstanceOf(Outcome.Broken.class);
      assertThat(grant.acked()).isEqualTo(1);
      assertThat(anonymous).isInstanceOf(Outcome.Broken.class);
      assertThat(other).isInstanceOf(Outcome.Broken.class);
      assertThat(changes.logged(PATH)).isEqualTo(LedgerState.EMPTY);
    }
  }

  @Test
  void aRestoredCheckpointStoreIsRefusedAtTheStart() throws IOException {
    // Given
    Committed backup;
    try (LogService log = open()) {
      backup = checkpoints.committed;
      log.records().append(POD, BOOT, lines);
    }
    checkpoints.committed = backup;
    // Then
    assertThatThrownBy(this::open)
        .isInstanceOfSatisfying(
            LogRefusedException.class,
            e -> assertThat(e.reason()).isEqualTo(LogRefusedException.Reason.BEHIND_PUBLIC));
    checkpoints.committed = null;
    assertThatThrownBy(this::open).isInstanceOf(LogRefusedException.class);
  }
}

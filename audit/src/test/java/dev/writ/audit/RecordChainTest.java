package dev.writ.audit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.writ.contract.ErrorCode;
import dev.writ.contract.MalformedException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;
import org.junit.jupiter.api.Test;

class RecordChainTest {
  private static final String BOOT = "00112233aabbccdd";
  private static final Instant NOW = Instant.parse("2026-11-22T10:00:00.123Z");
  private static final Entry START = new Entry.Start(NOW, "bank/ledger-0", "uid-1", null, 0);

  private static Entry.Call denied(String target) {
    return new Entry.Call(
        NOW,
        "bank/ledger-0",
        "spiffe://cluster.local/ns/bank/svc/ledger",
        Entry.Decision.DENY,
        ErrorCode.ARGUMENT_NOT_ALLOWED,
        Entry.Mode.ENFORCE,
        "transfer",
        "POST",
        target,
        List.of(
            new Entry.Link(
                "spiffe://cluster.local/ns/plan/sa/billing",
                "dbf5a633-284d-4631-b4fe-c70c6d1b828e",
                "38afa75c-0907-423c-bc52-111dac7ac28f",
                "tvpXQgoH2Jt_Of1hY7DBZcyDBrX2cLORDfK7jwPzxPw")),
        "proof",
        "sha-256=:AAAA:",
        List.of(new Entry.Count("dbf5a633-284d-4631-b4fe-c70c6d1b828e", 1000, 17)),
        "127.0.0.1:4711",
        null,
        null,
        85);
  }

  private static List<String> unbroken() {
    RecordChain chain = new RecordChain(BOOT);
    List<String> lines = new ArrayList<>();
    for (Entry entry :
        List.of(START, denied("/v1/transfers"), new Entry.End(NOW, "bank/ledger-0", 2, 200, 9))) {
      RecordChain.Sealed sealed = chain.seal(entry);
      chain.stored(sealed);
      lines.add(sealed.line());
    }
    return lines;
  }

  @Test
  void whatIsWrittenReadsBackEqual() throws MalformedException {
    for (Entry entry :
        List.of(
            START,
            new Entry.Start(NOW, "bank/ledger-0", null, "ffffffffffffffff", 12),
            denied("/v1/\"quoted\"\\\n\u0001ü"),
            new Entry.End(NOW, "bank/ledger-0", 2, 502, 9),
            new Entry.End(NOW, "bank/ledger-0", 2, 200, 9, ErrorCode.REVOKED),
            new Entry.Stop(NOW, "bank/ledger-0"))) {
      AuditRecord written = new AuditRecord(BOOT, 7, "abc", entry);
      assertThat(AuditRecord.parse(written.toLine())).isEqualTo(written);
    }
  }

  @Test
  void anUnbrokenChainIsAcceptedToTheEnd() throws BrokenChainException {
    ChainCheck check = new ChainCheck(BOOT);
    for (String line : unbroken()) {
      check.accept(line);
    }
    assertThat(check.lastSeq()).isEqualTo(3);
    assertThat(check.stopped()).isFalse();
  }

  @Test
  void everyDroppedSwappedOrRepeatedLineIsNoticed() {
    List<String> lines = unbroken();
    assertBroken(List.of(lines.get(1)));
    assertBroken(List.of(lines.get(0), lines.get(2)));
    assertBroken(List.of(lines.get(0), lines.get(1), lines.get(1)));
    assertBroken(List.of(lines.get(0), lines.get(2), lines.get(1)));
  }

  @Test
  void everyFlippedByteOfARecordIsNoticedAtTheLatestByTheNext() {
    List<String> lines = unbroken();
    RandomGenerator random = RandomGeneratorFactory.of("L64X128MixRandom").create(20261122);
    for (int round = 0; round < 500; round++) {
      byte[] bytes = lines.get(1).getBytes(StandardCharsets.UTF_8);
      bytes[random.nextInt(bytes.length)] ^= (byte) (1 << random.nextInt(7));
      assertBroken(List.of(lines.get(0), new String(bytes, StandardCharsets.UTF_8), lines.get(2)));
    }
  }

  @Test
  void nothingFollowsAStop() {
    RecordChain chain = new RecordChain(BOOT);
    List<String> lines = new ArrayList<>();
    for (Entry entry : List.of(START, new Entry.Stop(NOW, "p"), new Entry.Stop(NOW, "p"))) {
      RecordChain.Sealed sealed = chain.seal(entry);
      chain.stored(sealed);
      lines.add(sealed.line());
    }
    assertBroken(lines);
  }

  @Test
  void aLineWhoseWriteFailedLeavesNoGap() throws BrokenChainException {
    RecordChain chain = new RecordChain(BOOT);
    chain.stored(chain.seal(START));
    chain.seal(denied("/lost"));

    RecordChain.Sealed next = chain.seal(denied("/kept"));

    assertThat(next.seq()).isEqualTo(2);
  }

  @Test
  void whateverACallerSendsARecordStaysUnderItsBound() throws MalformedException {
    String line = new AuditRecord(BOOT, 1, "", denied("/" + "\u0001".repeat(100_000))).toLine();
    assertThat(line.getBytes(StandardCharsets.UTF_8).length).isLessThan(AuditRecord.MAX_BYTES);
    assertThat(AuditRecord.parse(line)).isNotNull();
  }

  @Test
  void linesThatAreNotExactlyARecordAreRefused() {
    String good = unbroken().get(1);
    for (String bad :
        List.of(
            "",
            "{}",
            good + "\n",
            good + good,
            good.substring(0, good.length() - 1),
            good.replace("\"v\":1", "\"v\":2"),
            good.replace("\"kind\":\"call\"", "\"kind\":\"talk\""),
            good.replace("\"seq\":2", "\"seq\":2.0"),
            good.replace("\"seq\":2", "\"seq\":2,\"extra\":1"),
            good.replace("\"seq\":2", "\"seq\":2,\"seq\":2"),
            good.replace("\"decision\":\"deny\"", "\"decision\":\"maybe\""),
            good.replace("argument-not-allowed", "no-such-code"),
            good.replace("10:00:00.123Z", "10:00:00Z"))) {
      assertThatThrownBy(() -> AuditRecord.parse(bad)).isInstanceOf(MalformedException.class);
    }
  }

  private static void assertBroken(List<String> lines) {
    assertThatThrownBy(
            () -> {
              ChainCheck check = new ChainCheck(BOOT);
              for (String line : lines) {
                check.accept(line);
              }
            })
        .isInstanceOf(BrokenChainException.class);
  }
}

package dev.writ.operator.records;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.writ.audit.AuditRecord;
import dev.writ.audit.Entry;
import dev.writ.audit.RecordChain;
import dev.writ.operator.records.RecordLog.Outcome;
import dev.writ.operator.records.RecordLog.Sender;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FileRecordLogTest {
  private static final String BOOT = "00000000000000aa";
  private static final Sender POD =
      new Sender("11111111-0000-0000-0000-000000000000", "bank/ledger-0");
  private static final Sender OTHER =
      new Sender("22222222-0000-0000-0000-000000000000", "bank/ledger-1");
  @TempDir Path data;
  private final List<Long> heard = new ArrayList<>();
  private final List<String> lines = lines(POD, 4);

  private static List<String> lines(Sender pod, int count) {
    RecordChain chain = new RecordChain(BOOT);
    List<String> lines = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      Entry entry =
          i == 0
              ? new Entry.Start(Instant.EPOCH, pod.namespacedName(), pod.uid(), null, 0)
              : new Entry.End(Instant.EPOCH, pod.namespacedName(), 1, 200, 5);
      RecordChain.Sealed sealed = chain.seal(entry);
      chain.stored(sealed);
      lines.add(sealed.line());
    }
    return lines;
  }

  private FileRecordLog open() throws IOException {
    heard.clear();
    return FileRecordLog.open(data, (pod, record) -> heard.add(record.seq()));
  }

  private Path file() {
    return data.resolve("records").resolve(POD.uid()).resolve(BOOT + ".jsonl");
  }

  @Test
  void whatWasStoredIsSkippedAndAcknowledgedAgain() throws Exception {
    try (FileRecordLog log = open()) {
      // Given
      log.append(POD, BOOT, lines.subList(0, 2));
      // When
      Outcome outcome = log.append(POD, BOOT, lines);
      // Then
      assertThat(outcome).isEqualTo(new Outcome.Stored(4));
      assertThat(heard).containsExactly(1L, 2L, 3L, 4L);
      assertThat(Files.readAllLines(file())).isEqualTo(lines);
    }
  }

  @Test
  void aGapIsNamedAndWhatCameBeforeItIsKept() throws Exception {
    try (FileRecordLog log = open()) {
      // When
      Outcome outcome = log.append(POD, BOOT, List.of(lines.get(0), lines.get(2)));
      // Then
      assertThat(outcome).isInstanceOf(Outcome.Broken.class);
      assertThat(outcome.acked()).isEqualTo(1);
      assertThat(log.append(POD, BOOT, lines)).isEqualTo(new Outcome.Stored(4));
    }
  }

  @Test
  void aTornTailIsCutAndTheBootGoesOn() throws Exception {
    // Given
    try (FileRecordLog log = open()) {
      log.append(POD, BOOT, lines.subList(0, 2));
    }
    Files.writeString(file(), lines.get(2).substring(0, 20), StandardOpenOption.APPEND);
    // When
    try (FileRecordLog log = open()) {
      // Then
      assertThat(heard).containsExactly(1L, 2L);
      assertThat(log.append(POD, BOOT, lines)).isEqualTo(new Outcome.Stored(4));
    }
    assertThat(Files.readAllLines(file())).isEqualTo(lines);
  }

  @Test
  void aBootBelongsToThePodThatSentItFirst() throws Exception {
    // Given
    try (FileRecordLog log = open()) {
      log.append(POD, BOOT, lines);
      assertThat(log.append(OTHER, BOOT, List.of())).isInstanceOf(Outcome.Foreign.class);
    }
    // When
    try (FileRecordLog log = open()) {
      // Then
      assertThat(log.append(OTHER, BOOT, lines(OTHER, 1))).isInstanceOf(Outcome.Foreign.class);
    }
  }

  @Test
  void aPodSpeaksForItselfAlone() throws Exception {
    try (FileRecordLog log = open()) {
      assertThat(log.append(OTHER, BOOT, lines)).isInstanceOf(Outcome.Broken.class);
      assertThat(heard).isEmpty();
    }
  }

  @Test
  void brokenLinesAreNotStored() throws Exception {
    try (FileRecordLog log = open()) {
      for (String bad :
          List.of(
              "",
              "{}",
              "null",
              lines.getFirst() + " ",
              lines.getFirst().replace("start", "stop"))) {
        assertThat(log.append(POD, BOOT, List.of(bad))).isInstanceOf(Outcome.Broken.class);
      }
      assertThat(Files.exists(file())).isFalse();
    }
  }

  @Test
  void alteredFilesStopTheStartAndAreNamed() throws Exception {
    // Given
    try (FileRecordLog log = open()) {
      log.append(POD, BOOT, lines);
    }
    String altered = Files.readString(file()).replaceFirst("200", "500");
    Files.write(file(), altered.getBytes(StandardCharsets.UTF_8));
    // Then
    assertThatThrownBy(this::open).isInstanceOf(IOException.class).hasMessageContaining(BOOT);
  }

  @Test
  void oneDirectoryServesOneOperator() throws Exception {
    try (FileRecordLog log = open()) {
      assertThat(log).isNotNull();
      assertThatThrownBy(this::open)
          .isInstanceOf(IOException.class)
          .hasMessageContaining("another operator");
    }
  }

  @Test
  void aDirectoryThatCanNotBeWrittenIsNamed() throws Exception {
    Path file = Files.createFile(data.resolve("file"));
    assertThatThrownBy(() -> FileRecordLog.open(file, (String pod, AuditRecord record) -> {}))
        .isInstanceOf(IOException.class);
  }
}

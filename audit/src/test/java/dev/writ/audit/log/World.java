package dev.writ.audit.log;

import static org.assertj.core.api.Assertions.assertThat;

import dev.writ.audit.merkle.Hash;
import dev.writ.audit.note.Checkpoint;
import dev.writ.audit.note.SignedNote;
import dev.writ.audit.verify.LogVerifier;
import dev.writ.audit.verify.Report;
import dev.writ.contract.MalformedException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The stores that writers share, everything that was ever published, and what was acknowledged to
 * whom.
 */
final class World {
  final LogFixture log = new LogFixture();
  final MemoryStorage memory = new MemoryStorage();
  final LogStorage storage;
  final MemoryCheckpoints checkpoints = new MemoryCheckpoints();
  final Map<Long, Hash> published = new HashMap<>();
  final Set<String> acknowledged = new HashSet<>();
  final List<String> violations = new ArrayList<>();

  private byte[] seen;

  World() {
    storage = memory;
  }

  /** On that storage, which is empty. */
  World(LogStorage storage) {
    this.storage = storage;
  }

  /**
   * To be called after each step: notes what is public and checks that it can be read. NoFork and
   * Readable.
   */
  void look() {
    byte[] bytes = checkpoint();
    if (bytes == null) {
      return;
    }
    if (!Arrays.equals(bytes, seen)) {
      seen = bytes;
      publish(bytes);
    }
    published.keySet().stream().max(Long::compare).ifPresent(this::read);
  }

  private byte[] checkpoint() {
    try {
      return storage.read(LogPaths.CHECKPOINT);
    } catch (IOException e) {
      throw new AssertionError("the storage itself failed", e);
    }
  }

  private void publish(byte[] bytes) {
    try {
      Checkpoint checkpoint =
          Checkpoint.verified(SignedNote.parse(bytes), List.of(log.key()), LogFixture.ED25519);
      Hash before = published.putIfAbsent(checkpoint.size(), checkpoint.root());
      if (before != null && !before.equals(checkpoint.root())) {
        violations.add("fork at size " + checkpoint.size());
      }
    } catch (MalformedException e) {
      violations.add("public checkpoint: " + e.getMessage());
    }
  }

  private void read(long size) {
    try {
      if (!LogTree.load(storage, size).root().equals(published.get(size))) {
        violations.add("the tree of " + size + " reads as another");
      }
    } catch (IOException e) {
      violations.add("the tree of " + size + ": " + e.getMessage());
    }
  }

  /** NothingLost, NoDouble, and a green verification. */
  void check() {
    published.keySet().forEach(this::read);
    byte[] bytes = checkpoint();
    try {
      List<String> lines =
          bytes == null
              ? List.of()
              : lines(Checkpoint.parse(SignedNote.parse(bytes).text()).size());
      List<String> receipts = lines.stream().map(LogFixture::receipt).toList();
      Set<String> once = new HashSet<>(receipts);
      if (once.size() != receipts.size()) {
        violations.add("appended twice");
      }
      if (!once.containsAll(acknowledged)) {
        violations.add("an acknowledged record is lost");
      }
      if (bytes != null) {
        Report report =
            LogVerifier.verify(storage, LogVerifier.Options.of(log.key()), LogFixture.ED25519);
        report.findings().forEach(finding -> violations.add(finding.toString()));
      }
    } catch (MalformedException | IOException e) {
      violations.add(e.toString());
    }
  }

  private List<String> lines(long size) throws IOException {
    return LogFixture.lines(storage, size);
  }

  void acknowledge(Batch batch, Outcome outcome) {
    if (outcome instanceof Outcome.Broken broken) {
      violations.add("refused: " + broken.reason());
    }
    for (String line : batch.lines()) {
      String receipt = LogFixture.receipt(line);
      if (Long.parseLong(receipt.substring(receipt.indexOf('.') + 1)) <= outcome.acked()) {
        acknowledged.add(receipt);
      }
    }
  }

  void assertSound(String run) {
    look();
    check();
    assertThat(violations).as(run).isEmpty();
  }
}

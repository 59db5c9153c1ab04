package dev.writ.operator.records;

import dev.writ.audit.log.LogStorage;
import dev.writ.audit.log.TileReader;
import dev.writ.audit.merkle.Hash;
import dev.writ.audit.merkle.Merkle;
import dev.writ.audit.note.Checkpoint;
import dev.writ.audit.note.NoteSigner;
import dev.writ.audit.note.SignedNote;
import dev.writ.audit.note.VerifierKey;
import dev.writ.contract.MalformedException;
import dev.writ.contract.json.JsonValue;
import dev.writ.contract.json.StrictJson;
import dev.writ.contract.key.Ed25519;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What listeners had summed up at some size of the log, in the log's storage. It is signed by the
 * log, for it says how far counts have come, and is taken only beside the very tree that it was
 * made of.
 */
final class Summaries {
  private static final Logger LOG = LoggerFactory.getLogger(Summaries.class);
  private static final String FOLDER = "sums";

  /** No checkpoint begins like this: a summary can't be shown as one. */
  private static final String TITLE = "writ.dev log summary v1";

  private final LogStorage storage;
  private final Supplier<LogKeys> keys;

  Summaries(LogStorage storage, Supplier<LogKeys> keys) {
    this.storage = storage;
    this.keys = keys;
  }

  /** A summary that fits the log. */
  record Found(long size, JsonValue sums) {}

  /**
   * Stores one in place of those before.
   *
   * @param at the checkpoint that ends with the last record summed up
   */
  void store(Checkpoint at, byte[] sums) throws IOException {
    NoteSigner signer = keys.get().signers().getFirst();
    String text = text(at, sums);
    byte[] note = new SignedNote(text, List.of(signer.sign(text))).toBytes();
    List<Long> before = sizes();
    storage.write(
        path(at.size()),
        ByteBuffer.allocate(Integer.BYTES + note.length + sums.length)
            .putInt(note.length)
            .put(note)
            .put(sums)
            .array());
    for (long size : before) {
      if (size < at.size()) {
        storage.delete(path(size));
      }
    }
  }

  private static String text(Checkpoint at, byte[] sums) {
    return TITLE + "\n" + at.text() + Hash.leaf(sums).toBase64() + "\n";
  }

  /** The newest that fits a log of this head; empty when all has to be read. */
  Optional<Found> newest(Checkpoint head) throws IOException {
    for (long size : sizes()) {
      byte[] bytes = size > head.size() ? null : storage.read(path(size));
      if (bytes == null) {
        continue;
      }
      try {
        Hash root = Merkle.root(size, new TileReader(storage, head.size()));
        return Optional.of(
            new Found(size, verified(new Checkpoint(head.origin(), size, root), bytes)));
      } catch (MalformedException e) {
        LOG.atWarn()
            .addKeyValue("path", path(size))
            .addKeyValue("cause", e.getMessage())
            .log("couldn't use a summary of the log; more of the log is read");
      }
    }
    return Optional.empty();
  }

  private JsonValue verified(Checkpoint at, byte[] bytes) throws MalformedException {
    int length = bytes.length < Integer.BYTES ? -1 : ByteBuffer.wrap(bytes).getInt();
    if (length < 0 || length > bytes.length - Integer.BYTES) {
      throw new MalformedException("cut off");
    }
    int end = Integer.BYTES + length;
    SignedNote note = SignedNote.parse(Arrays.copyOfRange(bytes, Integer.BYTES, end));
    byte[] sums = Arrays.copyOfRange(bytes, end, bytes.length);
    if (!note.text().equals(text(at, sums))) {
      throw new MalformedException("it is not of this log, or its sums were changed");
    }
    for (VerifierKey key : keys.get().trusted()) {
      if (note.signedBy(key, Ed25519.bouncyCastle())) {
        return StrictJson.stored(sums);
      }
    }
    throw new MalformedException("not signed by a key of this log");
  }

  /** Size of the newest one, 0 when there is none. */
  long newestSize() throws IOException {
    return sizes().stream().findFirst().orElse(0L);
  }

  private List<Long> sizes() throws IOException {
    return storage.list(FOLDER).stream()
        .filter(name -> name.matches("[1-9][0-9]{0,17}"))
        .map(Long::valueOf)
        .sorted(Comparator.reverseOrder())
        .toList();
  }

  private static String path(long size) {
    return FOLDER + "/" + size;
  }
}

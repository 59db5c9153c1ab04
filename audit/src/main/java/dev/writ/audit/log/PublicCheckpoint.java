package dev.writ.audit.log;

import dev.writ.audit.log.LogRefusedException.Reason;
import dev.writ.audit.note.Checkpoint;
import dev.writ.audit.note.SignedNote;
import dev.writ.audit.note.VerifierKey;
import dev.writ.contract.MalformedException;
import dev.writ.contract.key.Ed25519;
import java.io.IOException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The signed checkpoint in the log's storage: what the world was told, and so the truth that all
 * else must extend.
 */
final class PublicCheckpoint {
  private static final int ATTEMPTS = 16;

  private final LogStorage storage;
  private final List<VerifierKey> keys;
  private final Ed25519 ed25519;

  PublicCheckpoint(LogStorage storage, List<VerifierKey> keys, Ed25519 ed25519) {
    this.storage = storage;
    this.keys = keys;
    this.ed25519 = ed25519;
  }

  /** The newest one, null when none was ever published. */
  @Nullable Checkpoint read() throws IOException {
    byte[] bytes = storage.read(LogPaths.CHECKPOINT);
    return bytes == null ? null : verified(bytes);
  }

  private Checkpoint verified(byte[] bytes) throws LogRefusedException {
    try {
      return Checkpoint.verified(SignedNote.parse(bytes), keys, ed25519);
    } catch (MalformedException e) {
      throw new LogRefusedException(
          Reason.CORRUPT, "couldn't read the public checkpoint: " + e.getMessage());
    }
  }

  /** Publishes the note unless one as new is public already; never goes back. */
  void advance(SignedNote note, Checkpoint checkpoint) throws IOException {
    for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
      byte[] present = storage.read(LogPaths.CHECKPOINT);
      Checkpoint there = present == null ? null : verified(present);
      if (there != null
          && there.size() == checkpoint.size()
          && !there.root().equals(checkpoint.root())) {
        throw new LogRefusedException(
            Reason.BEHIND_PUBLIC, "another tree of " + there.size() + " entries is public already");
      }
      if (there != null && there.size() >= checkpoint.size()) {
        return;
      }
      if (storage.replace(LogPaths.CHECKPOINT, present, note.toBytes())) {
        return;
      }
    }
    throw new LogConflictException("couldn't publish the checkpoint: it keeps changing");
  }
}

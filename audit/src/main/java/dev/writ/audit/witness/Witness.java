package dev.writ.audit.witness;

import dev.writ.audit.merkle.Hash;
import dev.writ.audit.note.NoteSignature;
import dev.writ.audit.note.SignedNote;
import dev.writ.audit.note.VerifierKey;
import java.io.IOException;
import java.util.List;

/** Someone who cosigns checkpoints that extend what it saw before. */
public interface Witness {
  /** What verifies its cosignatures. */
  VerifierKey key();

  /**
   * Shows it a checkpoint.
   *
   * @param old the size that it saw last, as far as we know
   * @param proof that the checkpoint extends the tree of {@code old}
   * @throws IOException when it does not answer, or not as the protocol says
   */
  Answer show(long old, List<Hash> proof, SignedNote checkpoint) throws IOException;

  /** What it says. */
  sealed interface Answer {
    /** It cosigned; the signatures are verified. */
    record Cosigned(List<NoteSignature> signatures) implements Answer {}

    /** It saw another size last. */
    record SawSize(long size) implements Answer {}

    /** It will not cosign this. */
    record Refused(String reason) implements Answer {}
  }
}

package dev.writ.audit.log;

import dev.writ.audit.merkle.Hash;
import dev.writ.audit.merkle.Merkle;
import dev.writ.audit.note.Checkpoint;
import dev.writ.audit.note.SignedNote;
import dev.writ.audit.note.TlogProof;
import dev.writ.audit.note.VerifierKey;
import dev.writ.contract.MalformedException;
import dev.writ.contract.key.Ed25519;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.util.List;
import java.util.OptionalLong;

/**
 * A log at its newest checkpoint, whose signature was verified: entries, proofs, positions of
 * records. What proofs say is checked before they are handed out; entries that are only read are
 * not. Not thread-safe.
 */
public final class LogReader {
  private final LogSource source;
  private final List<VerifierKey> keys;
  private final Ed25519 ed25519;
  private final SignedNote note;
  private final Checkpoint checkpoint;
  private final long first;

  private LogReader(
      LogSource source,
      List<VerifierKey> keys,
      Ed25519 ed25519,
      SignedNote note,
      Checkpoint checkpoint,
      long first) {
    this.source = source;
    this.keys = keys;
    this.ed25519 = ed25519;
    this.note = note;
    this.checkpoint = checkpoint;
    this.first = first;
  }

  /**
   * Opens a log for reading.
   *
   * @param keys of the log
   * @throws FileNotFoundException when there is no checkpoint
   * @throws MalformedException when the checkpoint is not signed by any of the keys
   */
  public static LogReader open(LogSource source, List<VerifierKey> keys, Ed25519 ed25519)
      throws IOException, MalformedException {
    byte[] bytes = source.read(LogPaths.CHECKPOINT);
    if (bytes == null) {
      throw new FileNotFoundException("there is no checkpoint, so this is no log");
    }
    SignedNote note = SignedNote.parse(bytes);
    Checkpoint checkpoint = Checkpoint.verified(note, keys, ed25519);
    long first = Math.min(LogPaths.entriesFrom(source), checkpoint.size());
    return new LogReader(source, List.copyOf(keys), ed25519, note, checkpoint, first);
  }

  /** The newest checkpoint. */
  public Checkpoint checkpoint() {
    return checkpoint;
  }

  /** The newest checkpoint with its signatures: what an auditor keeps to compare with later. */
  public SignedNote note() {
    return note;
  }

  /** The entries of that checkpoint; those that were taken out by age are not among them. */
  public TileReader entries() {
    return new TileReader(source, checkpoint.size(), first);
  }

  /**
   * Where the record with that receipt is, empty when it is not there. Reads the whole log.
   *
   * @param receipt {@code <boot>.<seq>}
   */
  public OptionalLong find(String receipt) throws IOException {
    long[] found = {-1};
    RecordScan.each(
        entries(),
        0,
        (index, line, auditRecord, pod) -> {
          if (found[0] < 0 && auditRecord.receipt().equals(receipt)) {
            found[0] = index;
          }
        });
    return found[0] < 0 ? OptionalLong.empty() : OptionalLong.of(found[0]);
  }

  /**
   * The proof that an entry is in the log, under the checkpoint that witnesses saw where that
   * covers it.
   *
   * @throws IOException when the log does not hold what proves it
   */
  public TlogProof proof(long index) throws IOException {
    SignedNote under = covering(index);
    try {
      Checkpoint in = Checkpoint.verified(under, keys, ed25519);
      TileReader tiles = new TileReader(source, in.size());
      TlogProof proof = new TlogProof(index, Merkle.inclusion(index, in.size(), tiles), under);
      proof.verify(tiles.entry(index), keys, List.of(), 0, ed25519);
      return proof;
    } catch (MalformedException e) {
      throw new IOException(
          "the log does not hold what proves entry " + index + ": " + e.getMessage(), e);
    }
  }

  private SignedNote covering(long index) throws IOException {
    byte[] bytes = source.read(LogPaths.WITNESSED);
    if (bytes != null) {
      try {
        SignedNote witnessed = SignedNote.parse(bytes);
        if (Checkpoint.verified(witnessed, keys, ed25519).size() > index) {
          return witnessed;
        }
      } catch (MalformedException e) {
        return note;
      }
    }
    return note;
  }

  /**
   * The proof that the log extends an older checkpoint, checked.
   *
   * @throws IOException when it does not, or does not hold what proves it
   */
  public List<Hash> extendsFrom(Checkpoint older) throws IOException {
    if (older.size() > checkpoint.size()) {
      throw new IOException("the older checkpoint has more entries than the log");
    }
    List<Hash> proof = Merkle.consistency(older.size(), checkpoint.size(), entries());
    if (!Merkle.consistent(
        older.size(), older.root(), checkpoint.size(), checkpoint.root(), proof)) {
      throw new IOException("the log does not extend the older checkpoint");
    }
    return proof;
  }
}

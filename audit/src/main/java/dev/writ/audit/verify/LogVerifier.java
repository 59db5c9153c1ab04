package dev.writ.audit.verify;

import dev.writ.audit.log.LogPaths;
import dev.writ.audit.log.LogSource;
import dev.writ.audit.merkle.TileName;
import dev.writ.audit.note.Checkpoint;
import dev.writ.audit.note.SignedNote;
import dev.writ.audit.note.VerifierKey;
import dev.writ.audit.verify.Finding.Kind;
import dev.writ.contract.MalformedException;
import dev.writ.contract.key.Ed25519;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Verifies a whole log in one pass. Memory grows with the number of boots and counters, not with
 * that of records.
 *
 * <p>What it cannot see: what no gate ever recorded, and a history that was rewritten before anyone
 * outside saw a checkpoint of it.
 */
public final class LogVerifier {
  /** How many findings a report holds. */
  public static final int MAX_FINDINGS = 1000;

  private LogVerifier() {}

  /**
   * What to check against.
   *
   * @param keys of the log; one signature by any of them will do
   * @param older a checkpoint of this log that the auditor kept, null for none
   * @param witnesses whose cosignatures count
   * @param quorum how many of them it takes, 0 when there are none
   * @param entriesFrom index of the first entry that must be there; older bundles may have been
   *     moved away
   */
  public record Options(
      List<VerifierKey> keys,
      @Nullable SignedNote older,
      List<VerifierKey> witnesses,
      int quorum,
      long entriesFrom) {
    public Options {
      keys = List.copyOf(keys);
      witnesses = List.copyOf(witnesses);
      if (quorum < 0 || quorum > witnesses.size() || entriesFrom < 0) {
        throw new IllegalArgumentException("a quorum is at most the number of witnesses");
      }
    }

    /** Against one key alone. */
    public static Options of(VerifierKey key) {
      return new Options(List.of(key), null, List.of(), 0, 0);
    }
  }

  /**
   * A tree that must be the beginning of the log.
   *
   * @param who saw it
   */
  record Pin(Checkpoint checkpoint, String who) {}

  /**
   * Verifies.
   *
   * @throws IOException when there is no checkpoint or the source does not answer: then nothing is
   *     said about the log
   */
  public static Report verify(LogSource source, Options options, Ed25519 ed25519)
      throws IOException {
    Findings findings = new Findings();
    Records records = new Records(findings, options.entriesFrom() > 0);
    byte[] bytes = source.read(LogPaths.CHECKPOINT);
    if (bytes == null) {
      throw new FileNotFoundException("there is no checkpoint, so this is no log");
    }
    Checkpoint checkpoint;
    SignedNote note;
    try {
      note = SignedNote.parse(bytes);
      checkpoint = Checkpoint.verified(note, options.keys(), ed25519);
    } catch (MalformedException e) {
      findings.add(
          Finding.whole(Kind.CHECKPOINT, "couldn't verify the checkpoint: " + e.getMessage()));
      return records.report(null, 0, 0, 0);
    }
    List<Pin> pins = new ArrayList<>();
    older(options, ed25519, findings, pins);
    long witnessed = witnessed(source, note, checkpoint, options, ed25519, findings, pins);
    new TreeCheck(source, checkpoint, pins, findings, records).run(options.entriesFrom());
    long unseen = options.entriesFrom() / TileName.FULL * TileName.FULL;
    return records.report(
        checkpoint, witnessed, checkpoint.size(), Math.min(unseen, checkpoint.size()));
  }

  private static void older(Options options, Ed25519 ed25519, Findings findings, List<Pin> pins) {
    if (options.older() == null) {
      return;
    }
    try {
      pins.add(
          new Pin(
              Checkpoint.verified(options.older(), options.keys(), ed25519),
              "the checkpoint seen before"));
    } catch (MalformedException e) {
      findings.add(
          Finding.whole(
              Kind.CHECKPOINT, "couldn't verify the older checkpoint: " + e.getMessage()));
    }
  }

  /**
   * The newest tree that enough witnesses cosigned, be it the checkpoint itself or the one kept
   * beside it.
   */
  private static long witnessed(
      LogSource source,
      SignedNote note,
      Checkpoint checkpoint,
      Options options,
      Ed25519 ed25519,
      Findings findings,
      List<Pin> pins)
      throws IOException {
    if (options.quorum() == 0) {
      return 0;
    }
    try {
      if (cosigners(note, options, ed25519) >= options.quorum()) {
        return checkpoint.size();
      }
      byte[] bytes = source.read(LogPaths.WITNESSED);
      if (bytes != null) {
        SignedNote beside = SignedNote.parse(bytes);
        Checkpoint seen = Checkpoint.verified(beside, options.keys(), ed25519);
        if (cosigners(beside, options, ed25519) >= options.quorum()) {
          pins.add(new Pin(seen, "the checkpoint that witnesses saw"));
          return seen.size();
        }
      }
      findings.add(
          Finding.whole(
              Kind.UNWITNESSED,
              "no checkpoint has " + options.quorum() + " of the witnesses asked for"));
    } catch (MalformedException e) {
      findings.add(
          Finding.whole(Kind.UNWITNESSED, "couldn't verify what witnesses saw: " + e.getMessage()));
    }
    return 0;
  }

  private static int cosigners(SignedNote note, Options options, Ed25519 ed25519)
      throws MalformedException {
    int count = 0;
    for (VerifierKey witness : Set.copyOf(options.witnesses())) {
      count += note.signedBy(witness, ed25519) ? 1 : 0;
    }
    return count;
  }
}

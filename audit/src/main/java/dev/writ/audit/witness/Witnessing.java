package dev.writ.audit.witness;

import dev.writ.audit.log.LogPaths;
import dev.writ.audit.log.LogStorage;
import dev.writ.audit.log.TileReader;
import dev.writ.audit.merkle.Merkle;
import dev.writ.audit.note.Checkpoint;
import dev.writ.audit.note.NoteSignature;
import dev.writ.audit.note.SignedNote;
import dev.writ.audit.note.VerifierKey;
import dev.writ.audit.witness.Witness.Answer;
import dev.writ.contract.MalformedException;
import dev.writ.contract.key.Ed25519;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;

/**
 * Shows the newest public checkpoint to witnesses and publishes what they say. Apart from
 * appending: records are acknowledged without waiting for anyone outside, and what no quorum has
 * seen is public without cosignatures, so everyone can tell. Rounds are run by one thread at a
 * time.
 */
public final class Witnessing {
  private static final int ATTEMPTS = 16;

  private final LogStorage storage;
  private final Supplier<List<VerifierKey>> keys;
  private final Ed25519 ed25519;
  private final List<Witness> witnesses;
  private final int quorum;
  private final Map<VerifierKey, Long> seen = new HashMap<>();

  /**
   * Who is asked.
   *
   * @param keys of the log, asked in each round: they are rotated
   * @param quorum how many witnesses make a checkpoint witnessed, 1 to their number
   */
  public Witnessing(
      LogStorage storage,
      Supplier<List<VerifierKey>> keys,
      Ed25519 ed25519,
      List<Witness> witnesses,
      int quorum) {
    long distinct = witnesses.stream().map(witness -> witness.key().key()).distinct().count();
    if (quorum < 1 || quorum > witnesses.size() || distinct != witnesses.size()) {
      throw new IllegalArgumentException(
          "a quorum is 1 to the number of witnesses, each with a key of its own");
    }
    this.storage = storage;
    this.keys = keys;
    this.ed25519 = ed25519;
    this.witnesses = List.copyOf(witnesses);
    this.quorum = quorum;
  }

  /**
   * How a round went.
   *
   * @param size of the tree that was shown, 0 when nothing is public yet
   * @param cosigned how many witnesses cosigned it
   * @param witnessed whether those are a quorum
   * @param failures why the others did not, by the name of the witness
   * @param ahead names of witnesses that saw more entries than the log has: it lost some, or was
   *     forked
   */
  public record Round(
      long size,
      int cosigned,
      boolean witnessed,
      Map<String, String> failures,
      List<String> ahead) {
    public Round {
      failures = Map.copyOf(failures);
      ahead = List.copyOf(ahead);
    }
  }

  /**
   * One round. Witnesses are asked one after the other.
   *
   * @throws IOException when the storage fails; what witnesses do wrong is in the result
   */
  public Round run() throws IOException {
    byte[] bytes = storage.read(LogPaths.CHECKPOINT);
    if (bytes == null) {
      return new Round(0, 0, false, Map.of(), List.of());
    }
    try {
      SignedNote note = SignedNote.parse(bytes);
      return run(bytes, note, Checkpoint.verified(note, keys.get(), ed25519));
    } catch (MalformedException e) {
      throw new IOException("couldn't read the public checkpoint: " + e.getMessage(), e);
    }
  }

  private Round run(byte[] bytes, SignedNote note, Checkpoint checkpoint)
      throws IOException, MalformedException {
    List<NoteSignature> signatures = new ArrayList<>();
    Map<String, String> failures = new HashMap<>();
    List<String> ahead = new ArrayList<>();
    int cosigned = 0;
    for (Witness witness : witnesses) {
      try {
        if (note.signedBy(witness.key(), ed25519)) {
          cosigned++;
          continue;
        }
        switch (ask(witness, note, checkpoint)) {
          case Answer.Cosigned yes -> {
            signatures.addAll(yes.signatures());
            cosigned++;
          }
          case Answer.SawSize other -> {
            failures.put(witness.key().name(), "saw " + other.size() + " entries");
            if (other.size() > checkpoint.size()) {
              ahead.add(witness.key().name());
            }
          }
          case Answer.Refused no -> failures.put(witness.key().name(), no.reason());
        }
      } catch (IOException e) {
        failures.put(witness.key().name(), String.valueOf(e.getMessage()));
      }
    }
    boolean witnessed = cosigned >= quorum;
    if (witnessed) {
      publish(bytes, note.with(signatures), checkpoint);
    }
    return new Round(checkpoint.size(), cosigned, witnessed, failures, ahead);
  }

  /**
   * A witness that saw another size than we think says so, and is asked again with the proof from
   * there.
   */
  private Answer ask(Witness witness, SignedNote note, Checkpoint checkpoint) throws IOException {
    long old = Math.min(seen.getOrDefault(witness.key(), 0L), checkpoint.size());
    Answer answer = show(witness, old, note, checkpoint);
    if (answer instanceof Answer.SawSize other
        && other.size() != old
        && other.size() <= checkpoint.size()) {
      answer = show(witness, other.size(), note, checkpoint);
    }
    if (answer instanceof Answer.Cosigned) {
      seen.put(witness.key(), checkpoint.size());
    }
    return answer;
  }

  private Answer show(Witness witness, long old, SignedNote note, Checkpoint checkpoint)
      throws IOException {
    TileReader tiles = new TileReader(storage, checkpoint.size());
    return witness.show(old, Merkle.consistency(old, checkpoint.size(), tiles), note);
  }

  /**
   * Under its own name for good, and in place of the checkpoint if that is still the one that was
   * shown.
   */
  private void publish(byte[] shown, SignedNote cosigned, Checkpoint checkpoint)
      throws IOException, MalformedException {
    for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
      byte[] present = storage.read(LogPaths.WITNESSED);
      boolean newer =
          present != null
              && Checkpoint.parse(SignedNote.parse(present).text()).size() > checkpoint.size();
      if (newer || storage.replace(LogPaths.WITNESSED, present, cosigned.toBytes())) {
        break;
      }
    }
    storage.replace(LogPaths.CHECKPOINT, shown, cosigned.toBytes());
  }
}

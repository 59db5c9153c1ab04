package dev.writ.audit.note;

import dev.writ.audit.merkle.Hash;
import dev.writ.contract.MalformedException;
import dev.writ.contract.key.Ed25519;
import java.util.Collection;
import java.util.List;
import java.util.regex.Pattern;

/**
 * What a log commits to: how many entries, and the root over them (C2SP tlog-checkpoint). Extension
 * lines are refused: this log writes none.
 *
 * @param origin which log
 * @param size number of entries
 */
public record Checkpoint(String origin, long size, Hash root) {
  private static final Pattern SIZE = Pattern.compile("0|[1-9][0-9]{0,17}");

  public Checkpoint {
    if (!VerifierKey.isName(origin) || size < 0) {
      throw new IllegalArgumentException("checkpoint: an origin without spaces and a size from 0");
    }
  }

  /**
   * Reads the text of a note.
   *
   * @throws MalformedException when it is no checkpoint
   */
  public static Checkpoint parse(String text) throws MalformedException {
    String[] lines = text.split("\n", -1);
    if (lines.length != 4 || !lines[3].isEmpty() || !VerifierKey.isName(lines[0])) {
      throw new MalformedException("checkpoint: not the three lines of origin, size and root");
    }
    Hash root = Hash.fromBase64(lines[2]);
    return new Checkpoint(lines[0], size(lines[1]), root);
  }

  /** A tree size, canonical decimal. */
  static long size(String text) throws MalformedException {
    if (!SIZE.matcher(text).matches()) {
      throw new MalformedException("not a canonical decimal number");
    }
    return Long.parseLong(text);
  }

  /**
   * The checkpoint in a note after its signature was verified.
   *
   * @param keys the log's: more than one while keys are rotated
   * @throws MalformedException when none of the keys signed it, one claims to have and has not, or
   *     the origin is not the key's name
   */
  public static Checkpoint verified(SignedNote note, Collection<VerifierKey> keys, Ed25519 ed25519)
      throws MalformedException {
    Checkpoint checkpoint = parse(note.text());
    boolean signed = false;
    for (VerifierKey key : keys) {
      if (key.type() == VerifierKey.Type.LOG && key.name().equals(checkpoint.origin())) {
        signed |= note.signedBy(key, ed25519);
      }
    }
    if (!signed) {
      List<String> names = keys.stream().map(VerifierKey::name).toList();
      throw new MalformedException(
          "checkpoint of " + checkpoint.origin() + ": not signed by " + names);
    }
    return checkpoint;
  }

  /** The text that is signed. */
  public String text() {
    return origin + "\n" + size + "\n" + root.toBase64() + "\n";
  }

  /** The note with the signatures of these keys. */
  public SignedNote sign(Collection<NoteSigner> signers) {
    return new SignedNote(text(), signers.stream().map(signer -> signer.sign(text())).toList());
  }
}

package dev.writ.audit.note;

import dev.writ.contract.MalformedException;
import dev.writ.contract.key.Ed25519;
import dev.writ.contract.key.Signer;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;

/**
 * A witness's statement that a checkpoint was the newest it had seen at a time (C2SP
 * tlog-cosignature, Ed25519).
 */
public final class Cosignature {
  private static final int LENGTH = Long.BYTES + 64;

  private Cosignature() {}

  /**
   * Signs as a witness.
   *
   * @param text the checkpoint's text
   * @param epochSeconds when it was seen
   */
  public static NoteSignature sign(String name, Signer signer, String text, long epochSeconds) {
    VerifierKey key = new VerifierKey(name, VerifierKey.Type.COSIGNATURE, signer.publicKey());
    byte[] signature = signer.sign(message(text, epochSeconds));
    byte[] timed = ByteBuffer.allocate(LENGTH).putLong(epochSeconds).put(signature).array();
    return new NoteSignature(name, key.id(), timed);
  }

  static boolean verify(NoteSignature signature, String text, VerifierKey key, Ed25519 ed25519) {
    byte[] timed = signature.bytes();
    if (timed.length != LENGTH) {
      return false;
    }
    ByteBuffer buffer = ByteBuffer.wrap(timed);
    long epochSeconds = buffer.getLong();
    byte[] raw = new byte[LENGTH - Long.BYTES];
    buffer.get(raw);
    return epochSeconds >= 0 && ed25519.verify(key.key(), message(text, epochSeconds), raw);
  }

  /**
   * When the witness of that key saw the note, seconds since the epoch; empty when it did not sign.
   * Not verified.
   */
  public static OptionalLong time(SignedNote note, VerifierKey key) {
    return note.signatures().stream()
        .filter(signature -> signature.claims(key) && signature.bytes().length == LENGTH)
        .mapToLong(signature -> ByteBuffer.wrap(signature.bytes()).getLong())
        .max();
  }

  /**
   * The cosignatures of {@code key} in a witness's answer.
   *
   * @param answer signature lines, each with its line feed
   * @throws MalformedException when it is not such lines, or one by this key does not verify
   */
  public static List<NoteSignature> read(
      String answer, String text, VerifierKey key, Ed25519 ed25519) throws MalformedException {
    if (!answer.endsWith("\n")) {
      throw new MalformedException("witness: the answer is not signature lines");
    }
    List<NoteSignature> taken = new ArrayList<>();
    for (String line : answer.substring(0, answer.length() - 1).split("\n", -1)) {
      NoteSignature signature = SignedNote.signature(line);
      if (signature.claims(key)) {
        if (!verify(signature, text, key, ed25519)) {
          throw new MalformedException(
              "witness: the cosignature of " + key.name() + " does not verify");
        }
        taken.add(signature);
      }
    }
    return taken;
  }

  private static byte[] message(String text, long epochSeconds) {
    return ("cosignature/v1\ntime " + epochSeconds + "\n" + text).getBytes(StandardCharsets.UTF_8);
  }
}

package dev.writ.audit.note;

import dev.writ.contract.key.Signer;
import java.nio.charset.StandardCharsets;

/**
 * Signs notes as a log, under one name with one key.
 *
 * @param name the origin of the log
 */
public record NoteSigner(String name, Signer signer) {
  /** What verifies these signatures. */
  public VerifierKey verifierKey() {
    return new VerifierKey(name, VerifierKey.Type.LOG, signer.publicKey());
  }

  /** The signature over a note's text, line feed included. */
  public NoteSignature sign(String text) {
    byte[] signature = signer.sign(text.getBytes(StandardCharsets.UTF_8));
    return new NoteSignature(name, verifierKey().id(), signature);
  }
}

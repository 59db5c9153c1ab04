package dev.writ.contract;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;

/** SHA-256, the one hash of the protocol. */
public final class Digests {
  private static final ThreadLocal<MessageDigest> SHA_256 =
      ThreadLocal.withInitial(Digests::create);

  private Digests() {}

  /** SHA-256 of these bytes, 32 bytes. */
  public static byte[] sha256(byte[] bytes) {
    return SHA_256.get().digest(bytes);
  }

  /** SHA-256 of an ASCII or ISO-8859-1 text. */
  public static byte[] sha256(String latin1) {
    return sha256(latin1.getBytes(StandardCharsets.ISO_8859_1));
  }

  private static MessageDigest create() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }
}

package dev.writ.audit.note;

import dev.writ.contract.Digests;
import dev.writ.contract.MalformedException;
import dev.writ.contract.key.PublicKey;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Base64;
import java.util.HexFormat;

/**
 * The public half of a key that signs notes, in the string form {@code <name>+<id>+<base64>} that
 * Go's golang.org/x/mod/sumdb/note reads too (C2SP signed-note, Verifier keys).
 *
 * @param name who signs; for a log its origin
 * @param type what a signature under it means
 */
public record VerifierKey(String name, Type type, PublicKey key) {

  /** What is signed, and the byte that stands for it. */
  public enum Type {
    /** The text of the note, by a log. */
    LOG(1),
    /** The text and the time at which a witness saw it (tlog-cosignature). */
    COSIGNATURE(4);

    private final byte code;

    Type(int code) {
      this.code = (byte) code;
    }
  }

  public VerifierKey {
    if (!isName(name)) {
      throw new IllegalArgumentException(
          "a key name is not empty and has no spaces, control characters or plus");
    }
  }

  /**
   * Reads the string form.
   *
   * @throws MalformedException when it is not exactly such a key, or its id is not the one that
   *     belongs to it
   */
  public static VerifierKey parse(String text) throws MalformedException {
    String[] parts = text.split("\\+", 3);
    if (parts.length != 3 || !isName(parts[0])) {
      throw new MalformedException("verifier key: not <name>+<id>+<key>");
    }
    byte[] material = Base64Text.decode(parts[2], "verifier key");
    if (material.length != 1 + PublicKey.LENGTH) {
      throw new MalformedException("verifier key: not an Ed25519 key");
    }
    PublicKey key = PublicKey.of(Arrays.copyOfRange(material, 1, material.length));
    VerifierKey read = new VerifierKey(parts[0], type(material[0]), key);
    if (!read.toString().equals(text)) {
      throw new MalformedException("verifier key: the id does not belong to name and key");
    }
    return read;
  }

  private static Type type(byte code) throws MalformedException {
    for (Type type : Type.values()) {
      if (type.code == code) {
        return type;
      }
    }
    throw new MalformedException("verifier key: neither a log's nor a witness's Ed25519 key");
  }

  /** The id in signature lines: the first 4 bytes of a hash over name, type and key. */
  int id() {
    byte[] prefix = (name + "\n").getBytes(StandardCharsets.UTF_8);
    byte[] input = Arrays.copyOf(prefix, prefix.length + 1 + PublicKey.LENGTH);
    System.arraycopy(material(), 0, input, prefix.length, 1 + PublicKey.LENGTH);
    byte[] hash = Digests.sha256(input);
    return (hash[0] & 0xff) << 24
        | (hash[1] & 0xff) << 16
        | (hash[2] & 0xff) << 8
        | (hash[3] & 0xff);
  }

  private byte[] material() {
    byte[] material = new byte[1 + PublicKey.LENGTH];
    material[0] = type.code;
    System.arraycopy(key.bytes(), 0, material, 1, PublicKey.LENGTH);
    return material;
  }

  /** Unicode spaces as Go knows them, so that both sides take the same names. */
  static boolean isName(String name) {
    return !name.isEmpty()
        && name.codePoints()
            .noneMatch(
                c ->
                    c == '+'
                        || c <= ' '
                        || c == 0x85
                        || Character.isSpaceChar(c)
                        || (c >= 0xd800 && c < 0xe000));
  }

  /** The string form. */
  @Override
  public String toString() {
    return name
        + "+"
        + HexFormat.of().toHexDigits(id())
        + "+"
        + Base64.getEncoder().encodeToString(material());
  }
}

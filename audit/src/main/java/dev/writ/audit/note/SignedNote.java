package dev.writ.audit.note;

import dev.writ.contract.MalformedException;
import dev.writ.contract.key.Ed25519;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * A text and who signed it (C2SP signed-note). Nothing is verified by reading one.
 *
 * @param text ends with a line feed
 */
public record SignedNote(String text, List<NoteSignature> signatures) {
  /** Longest note that is read, bytes: 64 lines of witnesses and room to spare. */
  public static final int MAX_BYTES = 64 * 1024;

  private static final int MAX_SIGNATURES = 64;
  private static final int SHORTEST = 5;

  public SignedNote {
    if (!text.endsWith("\n")) {
      throw new IllegalArgumentException("the text of a note ends with a line feed");
    }
    signatures = List.copyOf(signatures);
  }

  /**
   * Reads a note.
   *
   * @throws MalformedException when it is none
   */
  public static SignedNote parse(byte[] bytes) throws MalformedException {
    String note = decode(bytes);
    int split = note.lastIndexOf("\n\n");
    if (split < 0 || !note.endsWith("\n") || split + 2 == note.length()) {
      throw new MalformedException("note: no signatures after an empty line");
    }
    String[] lines = note.substring(split + 2, note.length() - 1).split("\n", -1);
    if (lines.length > MAX_SIGNATURES) {
      throw new MalformedException("note: more than " + MAX_SIGNATURES + " signatures");
    }
    List<NoteSignature> signatures = new ArrayList<>();
    for (String line : lines) {
      signatures.add(signature(line));
    }
    return new SignedNote(note.substring(0, split + 1), signatures);
  }

  private static String decode(byte[] bytes) throws MalformedException {
    if (bytes.length > MAX_BYTES) {
      throw new MalformedException("note: longer than 64 KiB");
    }
    try {
      String note = StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
      if (note.chars().anyMatch(c -> c < ' ' && c != '\n')) {
        throw new MalformedException("note: control characters");
      }
      return note;
    } catch (CharacterCodingException e) {
      throw new MalformedException("note: not UTF-8");
    }
  }

  /** Reads one signature line, without its line feed. */
  static NoteSignature signature(String line) throws MalformedException {
    String[] parts = line.split(" ", -1);
    if (!line.startsWith(NoteSignature.DASH)
        || parts.length != 3
        || !VerifierKey.isName(parts[1])) {
      throw new MalformedException("note: a line after the text is not a signature");
    }
    byte[] all = Base64Text.decode(parts[2], "note: signature");
    if (all.length < SHORTEST) {
      throw new MalformedException("note: a signature is too short");
    }
    return new NoteSignature(
        parts[1], ByteBuffer.wrap(all).getInt(), Arrays.copyOfRange(all, 4, all.length));
  }

  /**
   * Whether {@code key} signed this text.
   *
   * @throws MalformedException when a signature claims to be by that key and is not: such a note is
   *     worth nothing
   */
  public boolean signedBy(VerifierKey key, Ed25519 ed25519) throws MalformedException {
    boolean signed = false;
    for (NoteSignature signature : signatures) {
      if (!signature.claims(key)) {
        continue;
      }
      boolean valid =
          switch (key.type()) {
            case LOG ->
                ed25519.verify(key.key(), text.getBytes(StandardCharsets.UTF_8), signature.bytes());
            case COSIGNATURE -> Cosignature.verify(signature, text, key, ed25519);
          };
      if (!valid) {
        throw new MalformedException("note: the signature of " + key.name() + " does not verify");
      }
      signed = true;
    }
    return signed;
  }

  /** The same text with further signatures; those that are there already are not repeated. */
  public SignedNote with(List<NoteSignature> more) {
    List<NoteSignature> all = new ArrayList<>(signatures);
    more.stream().filter(signature -> !signatures.contains(signature)).forEach(all::add);
    return new SignedNote(text, all);
  }

  /** The note as it is stored and served. */
  public byte[] toBytes() {
    StringBuilder note = new StringBuilder(text).append('\n');
    signatures.forEach(signature -> note.append(signature.line()));
    return note.toString().getBytes(StandardCharsets.UTF_8);
  }

  @Override
  public String toString() {
    return new String(toBytes(), StandardCharsets.UTF_8);
  }
}

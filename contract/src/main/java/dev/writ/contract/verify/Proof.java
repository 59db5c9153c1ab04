package dev.writ.contract.verify;

import dev.writ.contract.key.Ed25519;
import dev.writ.contract.key.PublicKey;
import java.util.Base64;
import org.jspecify.annotations.Nullable;

/**
 * {@code Signature-Input} and {@code Signature}, of exactly the shape of protocol.md, section 2
 * (step 2).
 */
final class Proof {
  private static final long LIFE = 30;
  private static final String LABEL = "cap=";
  private static final String END = "\";tag=\"" + SignatureBase.TAG + "\"";
  private static final String SIGNATURE = "cap=:";
  private static final int SIGNATURE_CHARS = 88;
  private static final int MAX_TIME_DIGITS = 16;

  private final String parameters;
  private final long created;
  private final long expires;
  private final String challenge;
  private final String seq;
  private final byte[] signature;

  private Proof(
      String parameters,
      long created,
      long expires,
      String challenge,
      String seq,
      byte[] signature) {
    this.parameters = parameters;
    this.created = created;
    this.expires = expires;
    this.challenge = challenge;
    this.seq = seq;
    this.signature = signature;
  }

  /** The nonce before the dot. */
  String challenge() {
    return challenge;
  }

  /** The nonce after the dot: digits, or nothing. */
  String seq() {
    return seq;
  }

  /** Null when the shape is not exact. */
  static @Nullable Proof read(Framed framed) {
    String input = framed.signatureInput();
    String start =
        LABEL + SignatureBase.components(framed.covered(), framed.digest() == null) + ";created=";
    if (!input.startsWith(start) || !input.endsWith(END)) {
      return null;
    }
    int created = start.length();
    int createdEnd = created + Syntax.digits(input, created);
    if (!isTime(input, created, createdEnd) || !input.startsWith(";expires=", createdEnd)) {
      return null;
    }
    int expires = createdEnd + ";expires=".length();
    int expiresEnd = expires + Syntax.digits(input, expires);
    if (!isTime(input, expires, expiresEnd) || !input.startsWith(";nonce=\"", expiresEnd)) {
      return null;
    }
    int nonce = expiresEnd + ";nonce=\"".length();
    int nonceEnd = input.length() - END.length();
    int dot = input.indexOf('.', nonce);
    byte[] signature = signature(framed.signature());
    if (dot <= nonce
        || dot >= nonceEnd
        || !isNonce(input, nonce, dot, nonceEnd)
        || signature == null) {
      return null;
    }
    long from = Long.parseLong(input, created, createdEnd, 10);
    long until = Long.parseLong(input, expires, expiresEnd, 10);
    if (until > from + LIFE) {
      return null;
    }
    return new Proof(
        input.substring(LABEL.length()),
        from,
        until,
        input.substring(nonce, dot),
        input.substring(dot + 1, nonceEnd),
        signature);
  }

  /** An integer without leading zeros. */
  private static boolean isTime(String input, int from, int to) {
    int length = to - from;
    return length > 0 && length <= MAX_TIME_DIGITS && (length == 1 || input.charAt(from) != '0');
  }

  private static boolean isNonce(String input, int from, int dot, int to) {
    for (int i = from; i < dot; i++) {
      char c = input.charAt(i);
      if (!(c >= 'a' && c <= 'z')
          && !(c >= 'A' && c <= 'Z')
          && !(c >= '0' && c <= '9')
          && c != '-'
          && c != '_') {
        return false;
      }
    }
    return Syntax.digits(input, dot + 1) == to - dot - 1;
  }

  private static byte @Nullable [] signature(String value) {
    int end = SIGNATURE.length() + SIGNATURE_CHARS;
    if (value.length() != end + 1
        || !value.startsWith(SIGNATURE)
        || value.charAt(end) != ':'
        || !Syntax.isBase64(value, SIGNATURE.length(), end, 2)) {
      return null;
    }
    return Base64.getDecoder().decode(value.substring(SIGNATURE.length(), end));
  }

  /** The signature base under these values. */
  byte[] base(RequestHead head, Framed framed) {
    return SignatureBase.of(
        head.method(),
        head.target(),
        framed.digest(),
        framed.contract(),
        framed.covered(),
        parameters);
  }

  /** Step 8: made by this key, now. */
  boolean holds(byte[] base, PublicKey holder, Ed25519 ed25519, Moment now) {
    return Math.abs(now.epochSeconds() - created) <= LIFE
        && now.epochSeconds() <= expires
        && ed25519.verify(holder, base, signature);
  }
}

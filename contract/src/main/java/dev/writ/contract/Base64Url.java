package dev.writ.contract;

import java.nio.charset.StandardCharsets;
import java.util.Base64;

/**
 * base64url without padding, canonical: each byte string has one spelling (RFC 4648, section 5;
 * protocol.md).
 */
public final class Base64Url {
  private static final Base64.Encoder ENCODER = Base64.getUrlEncoder().withoutPadding();
  private static final Base64.Decoder DECODER = Base64.getUrlDecoder();

  private Base64Url() {}

  /** The text of these bytes. */
  public static String encode(byte[] bytes) {
    return ENCODER.encodeToString(bytes);
  }

  /**
   * The bytes of this text; padding, other alphabets, white space and non-zero trailing bits throw.
   */
  public static byte[] decode(String text) throws MalformedException {
    for (int i = 0; i < text.length(); i++) {
      if (value(text.charAt(i)) < 0) {
        throw new MalformedException("not base64url at " + i);
      }
    }
    int rest = text.length() % 4;
    if (rest == 1) {
      throw new MalformedException("not base64url: length");
    }
    if (rest != 0 && (value(text.charAt(text.length() - 1)) & (rest == 2 ? 0xf : 0x3)) != 0) {
      throw new MalformedException("not canonical base64url: trailing bits");
    }
    return DECODER.decode(text.getBytes(StandardCharsets.ISO_8859_1));
  }

  private static int value(char c) {
    if (c >= 'A' && c <= 'Z') {
      return c - 'A';
    }
    if (c >= 'a' && c <= 'z') {
      return c - 'a' + 26;
    }
    if (c >= '0' && c <= '9') {
      return c - '0' + 52;
    }
    return c == '-' ? 62 : c == '_' ? 63 : -1;
  }
}

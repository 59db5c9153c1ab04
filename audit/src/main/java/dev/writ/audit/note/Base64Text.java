package dev.writ.audit.note;

import dev.writ.contract.MalformedException;
import java.nio.charset.StandardCharsets;
import java.util.Base64;

/** Standard base64 with padding, of which each byte string has one spelling. */
final class Base64Text {
  private Base64Text() {}

  static byte[] decode(String text, String what) throws MalformedException {
    try {
      byte[] bytes = Base64.getDecoder().decode(text.getBytes(StandardCharsets.UTF_8));
      if (Base64.getEncoder().encodeToString(bytes).equals(text)) {
        return bytes;
      }
    } catch (IllegalArgumentException e) {
      throw new MalformedException(what + ": not base64");
    }
    throw new MalformedException(what + ": not canonical base64");
  }
}

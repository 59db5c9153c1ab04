package dev.writ.contract.verify;

import dev.writ.contract.MalformedException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * A request target in origin-form (protocol.md, section 4, step 1; actions.md, Strict bodies).
 *
 * @param path percent-decoded; without dot segments, encoded slashes, backslashes and control
 *     characters
 * @param query as sent, without the question mark; null when there is none
 */
public record Target(String path, @Nullable String query) {
  /** Parses it; a target that two readers could take for different paths throws. */
  public static Target parse(String target) throws MalformedException {
    if (!target.startsWith("/")) {
      throw new MalformedException("target: origin-form only");
    }
    boolean plain = true;
    int question = -1;
    for (int i = 0; i < target.length(); i++) {
      char c = target.charAt(i);
      if (c <= ' ' || c >= 0x7f || c == '#') {
        throw new MalformedException("target: character that is not of a URI");
      }
      if (question < 0) {
        if (c == '?') {
          question = i;
        } else if (c == '\\') {
          throw new MalformedException("target: backslash");
        }
        plain &= c != '%';
      }
    }
    String raw = question < 0 ? target : target.substring(0, question);
    String path = plain ? raw : decodePath(raw);
    refuseDots(path);
    return new Target(path, question < 0 ? null : target.substring(question + 1));
  }

  private static String decodePath(String raw) throws MalformedException {
    String path = decode(raw, false);
    for (int i = 0; i < path.length(); i++) {
      char c = path.charAt(i);
      if (Character.isISOControl(c) || c == '\\') {
        throw new MalformedException("target: encoded separator or control character");
      }
      if (c == '%'
          && i + 2 < path.length()
          && hex(path.charAt(i + 1)) >= 0
          && hex(path.charAt(i + 2)) >= 0) {
        throw new MalformedException("target: double encoding");
      }
    }
    for (int i = raw.indexOf('%'); i >= 0; i = raw.indexOf('%', i + 1)) {
      if (hex(raw.charAt(i + 1)) * 16 + hex(raw.charAt(i + 2)) == '/') {
        throw new MalformedException("target: encoded separator or control character");
      }
    }
    return path;
  }

  /** Segments that are dots, also before a semicolon: servers read them as a step up. */
  private static void refuseDots(String path) throws MalformedException {
    int start = 1;
    while (start <= path.length()) {
      int slash = path.indexOf('/', start);
      int end = slash < 0 ? path.length() : slash;
      int semicolon = path.indexOf(';', start);
      int stop = semicolon >= 0 && semicolon < end ? semicolon : end;
      boolean one = stop - start == 1 && path.charAt(start) == '.';
      boolean two = stop - start == 2 && path.charAt(start) == '.' && path.charAt(start + 1) == '.';
      if (one || two) {
        throw new MalformedException("target: dot segment");
      }
      start = end + 1;
    }
  }

  /**
   * Percent-decodes to UTF-8; anything broken throws.
   *
   * @param plus whether {@code +} is a space
   */
  public static String decode(String text, boolean plus) throws MalformedException {
    if (text.indexOf('%') < 0) {
      return plus ? text.replace('+', ' ') : text;
    }
    byte[] bytes = new byte[text.length()];
    int length = 0;
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c == '%') {
        int high = i + 2 < text.length() ? hex(text.charAt(i + 1)) : -1;
        int low = i + 2 < text.length() ? hex(text.charAt(i + 2)) : -1;
        if (high < 0 || low < 0) {
          throw new MalformedException("target: broken percent-encoding");
        }
        bytes[length++] = (byte) (high << 4 | low);
        i += 2;
      } else {
        bytes[length++] = (byte) (plus && c == '+' ? ' ' : c);
      }
    }
    try {
      return StandardCharsets.UTF_8
          .newDecoder()
          .onMalformedInput(CodingErrorAction.REPORT)
          .onUnmappableCharacter(CodingErrorAction.REPORT)
          .decode(ByteBuffer.wrap(bytes, 0, length))
          .toString();
    } catch (CharacterCodingException e) {
      throw new MalformedException("target: not UTF-8");
    }
  }

  private static int hex(char c) {
    if (c >= '0' && c <= '9') {
      return c - '0';
    }
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
  }
}

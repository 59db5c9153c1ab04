package dev.writ.contract.json;

import dev.writ.contract.MalformedException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;

/** Reads one JSON string: strict UTF-8, the escapes of RFC 8259, no lone surrogates. */
final class StringReader {
  private final byte[] bytes;
  private int at;

  /** {@code at} is the opening quote. */
  StringReader(byte[] bytes, int at) {
    this.bytes = bytes;
    this.at = at;
  }

  /** Where reading goes on, after {@link #read()}. */
  int end() {
    return at;
  }

  String read() throws MalformedException {
    int start = ++at;
    boolean ascii = true;
    while (at < bytes.length && bytes[at] != '"' && bytes[at] != '\\') {
      byte b = bytes[at];
      if (b >= 0 && b < 0x20) {
        throw new MalformedException("JSON: control character in a string at " + at);
      }
      ascii &= b >= 0;
      at++;
    }
    if (at == bytes.length) {
      throw new MalformedException("JSON: string without end");
    }
    String head = text(start, at, ascii);
    if (bytes[at] == '"') {
      at++;
      return head;
    }
    return escaped(new StringBuilder(head));
  }

  private String escaped(StringBuilder text) throws MalformedException {
    while (at < bytes.length) {
      if (bytes[at] == '"') {
        at++;
        return checked(text.toString());
      }
      if (bytes[at] == '\\') {
        at++;
        text.append(escape());
        continue;
      }
      int start = at;
      boolean ascii = true;
      while (at < bytes.length && bytes[at] != '"' && bytes[at] != '\\') {
        byte b = bytes[at];
        if (b >= 0 && b < 0x20) {
          throw new MalformedException("JSON: control character in a string at " + at);
        }
        ascii &= b >= 0;
        at++;
      }
      text.append(text(start, at, ascii));
    }
    throw new MalformedException("JSON: string without end");
  }

  private char escape() throws MalformedException {
    if (at == bytes.length) {
      throw new MalformedException("JSON: string without end");
    }
    byte b = bytes[at++];
    return switch (b) {
      case '"', '\\', '/' -> (char) b;
      case 'b' -> '\b';
      case 'f' -> '\f';
      case 'n' -> '\n';
      case 'r' -> '\r';
      case 't' -> '\t';
      case 'u' -> unit();
      default -> throw new MalformedException("JSON: unknown escape at " + (at - 1));
    };
  }

  private char unit() throws MalformedException {
    int unit = 0;
    for (int i = 0; i < 4; i++) {
      int digit = at < bytes.length ? hex(bytes[at]) : -1;
      if (digit < 0) {
        throw new MalformedException("JSON: bad escape at " + at);
      }
      unit = unit << 4 | digit;
      at++;
    }
    return (char) unit;
  }

  private static int hex(byte b) {
    return b >= '0' && b <= '9'
        ? b - '0'
        : b >= 'a' && b <= 'f' ? b - 'a' + 10 : b >= 'A' && b <= 'F' ? b - 'A' + 10 : -1;
  }

  /** Escapes may pair surrogates among themselves, and in no other way. */
  private static String checked(String text) throws MalformedException {
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (Character.isHighSurrogate(c)
          && i + 1 < text.length()
          && Character.isLowSurrogate(text.charAt(i + 1))) {
        i++;
      } else if (Character.isSurrogate(c)) {
        throw new MalformedException("JSON: lone surrogate");
      }
    }
    return text;
  }

  private String text(int from, int to, boolean ascii) throws MalformedException {
    if (ascii) {
      return new String(bytes, from, to - from, StandardCharsets.ISO_8859_1);
    }
    try {
      return StandardCharsets.UTF_8
          .newDecoder()
          .onMalformedInput(CodingErrorAction.REPORT)
          .onUnmappableCharacter(CodingErrorAction.REPORT)
          .decode(ByteBuffer.wrap(bytes, from, to - from))
          .toString();
    } catch (CharacterCodingException e) {
      throw new MalformedException("JSON: not UTF-8 after " + from);
    }
  }
}

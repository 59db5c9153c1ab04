package dev.writ.contract.json;

import dev.writ.contract.MalformedException;
import dev.writ.contract.json.JsonValue.JsonArray;
import dev.writ.contract.json.JsonValue.JsonBoolean;
import dev.writ.contract.json.JsonValue.JsonNull;
import dev.writ.contract.json.JsonValue.JsonObject;
import dev.writ.contract.json.JsonValue.JsonString;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Reads JSON (RFC 8259) without any of its freedoms: UTF-8 alone, no duplicate members at any
 * level, nothing after the value, bounded depth and numbers. Two readers of an accepted text see
 * the same value.
 */
public final class StrictJson {
  private static final int DOCUMENT_DEPTH = 8;
  private static final int BODY_DEPTH = 64;

  /** Bytes of memory that the values of a body may cost: a short text can hold very many. */
  private static final long ROOM = 16 << 20;

  /** The same for a long body, for each of its bytes. */
  private static final long ROOM_PER_BYTE = 8;

  private static final int OBJECT = 112;
  private static final int MEMBER = 112;
  private static final int ARRAY = 56;
  private static final int LEAF = 64;

  private final byte[] bytes;
  private final int maxDepth;
  private final boolean document;
  private int at;
  private long room;

  private StrictJson(byte[] bytes, int maxDepth, boolean document, long room) {
    this.bytes = bytes;
    this.maxDepth = maxDepth;
    this.document = document;
    this.room = room;
  }

  /**
   * Reads a signed document (protocol.md): no white space outside strings, depth at most 8, no
   * exponents, integers up to 2^53 - 1.
   */
  public static JsonValue document(byte[] utf8) throws MalformedException {
    return new StrictJson(utf8, DOCUMENT_DEPTH, true, ROOM).read();
  }

  /**
   * Reads a request body (actions.md): white space is free, depth at most 64, numbers up to 1,000
   * digits, and no more values than some 16 MiB of memory hold.
   */
  public static JsonValue body(byte[] utf8) throws MalformedException {
    long room = Math.max(ROOM, ROOM_PER_BYTE * utf8.length);
    return new StrictJson(utf8, BODY_DEPTH, false, room).read();
  }

  /** Reads as a body what we ourselves wrote, however many values it has. */
  public static JsonValue stored(byte[] utf8) throws MalformedException {
    return new StrictJson(utf8, BODY_DEPTH, false, Long.MAX_VALUE).read();
  }

  private JsonValue read() throws MalformedException {
    space();
    JsonValue value = value(1);
    space();
    if (at != bytes.length) {
      throw new MalformedException("JSON: bytes after the value at " + at);
    }
    return value;
  }

  private JsonValue value(int depth) throws MalformedException {
    int first = peek();
    spend(first == '{' ? OBJECT : first == '[' ? ARRAY : LEAF);
    return switch (first) {
      case '{' -> object(depth);
      case '[' -> array(depth);
      case '"' -> new JsonString(string());
      case 't' -> word("true", new JsonBoolean(true));
      case 'f' -> word("false", new JsonBoolean(false));
      case 'n' -> word("null", new JsonNull());
      case '-', '0', '1', '2', '3', '4', '5', '6', '7', '8', '9' -> number();
      default -> throw new MalformedException("JSON: no value at " + at);
    };
  }

  private JsonObject object(int depth) throws MalformedException {
    deeper(depth);
    Map<String, JsonValue> members = new LinkedHashMap<>();
    if (!next('}')) {
      do {
        space();
        int start = at;
        if (peek() != '"') {
          throw new MalformedException("JSON: no member name at " + at);
        }
        spend(MEMBER);
        String name = string();
        space();
        expect(':');
        space();
        if (members.put(name, value(depth + 1)) != null) {
          throw new MalformedException("JSON: duplicate member at " + start);
        }
      } while (next(','));
      expect('}');
    }
    return new JsonObject(members);
  }

  private JsonArray array(int depth) throws MalformedException {
    deeper(depth);
    List<JsonValue> items = new ArrayList<>();
    if (!next(']')) {
      do {
        space();
        items.add(value(depth + 1));
      } while (next(','));
      expect(']');
    }
    return new JsonArray(items);
  }

  private void spend(int memory) throws MalformedException {
    room -= memory;
    if (room < 0) {
      throw new MalformedException("JSON: too many values at " + at);
    }
  }

  /** Steps over the opening bracket. */
  private void deeper(int depth) throws MalformedException {
    if (depth > maxDepth) {
      throw new MalformedException("JSON: deeper than " + maxDepth + " at " + at);
    }
    at++;
  }

  private JsonValue word(String word, JsonValue value) throws MalformedException {
    for (int i = 0; i < word.length(); i++) {
      if (peek() != word.charAt(i)) {
        throw new MalformedException("JSON: no value at " + at);
      }
      at++;
    }
    return value;
  }

  private JsonValue number() throws MalformedException {
    int start = at;
    while (at < bytes.length && isNumberByte(bytes[at])) {
      at++;
    }
    return Numbers.parse(
        new String(bytes, start, at - start, StandardCharsets.ISO_8859_1), document);
  }

  private static boolean isNumberByte(byte b) {
    return (b >= '0' && b <= '9') || b == '-' || b == '+' || b == '.' || b == 'e' || b == 'E';
  }

  private String string() throws MalformedException {
    StringReader reader = new StringReader(bytes, at);
    String text = reader.read();
    at = reader.end();
    return text;
  }

  private int peek() {
    return at < bytes.length ? bytes[at] : -1;
  }

  /** Skips white space and, when it comes next, this byte. */
  private boolean next(char c) {
    space();
    if (peek() == c) {
      at++;
      return true;
    }
    return false;
  }

  private void expect(char c) throws MalformedException {
    if (peek() != c) {
      throw new MalformedException("JSON: expected '" + c + "' at " + at);
    }
    at++;
  }

  private void space() {
    if (document) {
      return;
    }
    while (at < bytes.length
        && (bytes[at] == ' ' || bytes[at] == '\t' || bytes[at] == '\n' || bytes[at] == '\r')) {
      at++;
    }
  }
}

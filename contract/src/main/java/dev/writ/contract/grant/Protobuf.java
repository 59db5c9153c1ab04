package dev.writ.contract.grant;

import static dev.writ.contract.grant.GrantException.malformed;

import dev.writ.contract.json.JsonValue;
import dev.writ.contract.json.JsonValue.JsonArray;
import dev.writ.contract.json.JsonValue.JsonBoolean;
import dev.writ.contract.json.JsonValue.JsonNull;
import dev.writ.contract.json.JsonValue.JsonNumber;
import dev.writ.contract.json.JsonValue.JsonObject;
import dev.writ.contract.json.JsonValue.JsonString;
import java.math.BigDecimal;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Reads a protobuf message as the JSON that stands for it, by a schema of the fields that rules
 * look at. Strict where readers differ: a field that may come once comes once (the last would win,
 * or the parts be merged), and text is UTF-8. Fields that the schema does not know are stepped
 * over.
 */
final class Protobuf {
  private static final int MAX_DEPTH = 64;

  /** What a field holds. */
  sealed interface Kind {
    /** A string. */
    record Text() implements Kind {}

    /** Bytes, of which only that they are there is told. */
    record Bytes() implements Kind {}

    /** Another message. */
    record Message(Map<Integer, Field> fields) implements Kind {}

    /** {@code google.protobuf.Struct}. */
    record Struct() implements Kind {}

    /** {@code google.protobuf.Value}. */
    record Value() implements Kind {}
  }

  /** A field by the name that JSON gives it. */
  record Field(String name, Kind kind, boolean repeated) {}

  private final ByteBuffer bytes;

  private Protobuf(ByteBuffer bytes) {
    this.bytes = bytes.order(ByteOrder.LITTLE_ENDIAN);
  }

  static JsonObject read(byte[] message, Map<Integer, Field> schema) throws GrantException {
    return new Protobuf(ByteBuffer.wrap(message)).message(schema, 1);
  }

  private JsonObject message(Map<Integer, Field> schema, int depth) throws GrantException {
    if (depth > MAX_DEPTH) {
      throw malformed("protobuf: too deep");
    }
    Map<String, JsonValue> members = new LinkedHashMap<>();
    Map<String, List<JsonValue>> lists = new LinkedHashMap<>();
    while (bytes.hasRemaining()) {
      long tag = varint();
      int wire = (int) (tag & 7);
      Field field = schema.get((int) Math.min(tag >>> 3, Integer.MAX_VALUE));
      if (tag >>> 3 == 0) {
        throw malformed("protobuf: field 0");
      }
      if (field == null) {
        skip(wire);
        continue;
      }
      if (wire != 2) {
        throw malformed("protobuf: wire type");
      }
      JsonValue value = part().value(field.kind(), depth + 1);
      if (field.repeated()) {
        lists.computeIfAbsent(field.name(), name -> new ArrayList<>()).add(value);
      } else if (members.put(field.name(), value) != null) {
        throw malformed("protobuf: field given twice");
      }
    }
    lists.forEach((name, values) -> members.put(name, new JsonArray(values)));
    return new JsonObject(members);
  }

  private JsonValue value(Kind kind, int depth) throws GrantException {
    return switch (kind) {
      case Kind.Text text -> new JsonString(utf8());
      case Kind.Bytes raw -> new JsonString("");
      case Kind.Message message -> message(message.fields(), depth);
      case Kind.Struct struct -> struct(depth);
      case Kind.Value value -> any(depth);
    };
  }

  /** {@code map<string, Value> fields = 1}. */
  private JsonObject struct(int depth) throws GrantException {
    Map<String, JsonValue> members = new LinkedHashMap<>();
    while (bytes.hasRemaining()) {
      expect(varint() == (1 << 3 | 2));
      Protobuf entry = part();
      String name = "";
      JsonValue value = null;
      while (entry.bytes.hasRemaining()) {
        long tag = entry.varint();
        if (tag == (1 << 3 | 2) && name.isEmpty()) {
          name = entry.part().utf8();
        } else {
          expect(tag == (2 << 3 | 2) && value == null);
          value = entry.part().any(depth + 1);
        }
      }
      expect(value != null && members.put(name, value) == null);
    }
    return new JsonObject(members);
  }

  /** {@code oneof kind}: null 1, number 2, string 3, bool 4, struct 5, list 6. */
  private JsonValue any(int depth) throws GrantException {
    expect(depth <= MAX_DEPTH && bytes.hasRemaining());
    long tag = varint();
    JsonValue value;
    if (tag == (1 << 3)) {
      expect(varint() == 0);
      value = new JsonNull();
    } else if (tag == (2 << 3 | 1)) {
      value = number();
    } else if (tag == (3 << 3 | 2)) {
      value = new JsonString(part().utf8());
    } else if (tag == (4 << 3)) {
      long bool = varint();
      expect(bool == 0 || bool == 1);
      value = new JsonBoolean(bool == 1);
    } else if (tag == (5 << 3 | 2)) {
      value = part().struct(depth + 1);
    } else {
      expect(tag == (6 << 3 | 2));
      value = part().list(depth + 1);
    }
    expect(!bytes.hasRemaining());
    return value;
  }

  private JsonArray list(int depth) throws GrantException {
    List<JsonValue> items = new ArrayList<>();
    while (bytes.hasRemaining()) {
      expect(varint() == (1 << 3 | 2));
      items.add(part().any(depth + 1));
    }
    return new JsonArray(items);
  }

  private JsonNumber number() throws GrantException {
    expect(bytes.remaining() >= Double.BYTES);
    double number = bytes.getDouble();
    expect(Double.isFinite(number));
    return new JsonNumber(new BigDecimal(number), false);
  }

  private String utf8() throws GrantException {
    try {
      return StandardCharsets.UTF_8.newDecoder().decode(bytes).toString();
    } catch (CharacterCodingException e) {
      throw malformed("protobuf: not UTF-8");
    }
  }

  /** The next length-delimited field, consumed. */
  private Protobuf part() throws GrantException {
    long length = varint();
    expect(length >= 0 && length <= bytes.remaining());
    ByteBuffer part = bytes.slice(bytes.position(), (int) length);
    bytes.position(bytes.position() + (int) length);
    return new Protobuf(part);
  }

  private void skip(int wire) throws GrantException {
    switch (wire) {
      case 0 -> varint();
      case 1 -> step(Long.BYTES);
      case 2 -> part();
      case 5 -> step(Integer.BYTES);
      // Groups: no reader of today writes them.
      default -> throw malformed("protobuf: wire type");
    }
  }

  private void step(int length) throws GrantException {
    expect(bytes.remaining() >= length);
    bytes.position(bytes.position() + length);
  }

  private long varint() throws GrantException {
    long value = 0;
    for (int shift = 0; shift < 64; shift += 7) {
      expect(bytes.hasRemaining());
      byte b = bytes.get();
      value |= (long) (b & 0x7f) << shift;
      if (b >= 0) {
        // Overlong spellings are told apart by some readers.
        expect(b != 0 || shift == 0);
        return value;
      }
    }
    throw malformed("protobuf: number too long");
  }

  private static void expect(boolean holds) throws GrantException {
    if (!holds) {
      throw malformed("protobuf: not as its schema says");
    }
  }
}

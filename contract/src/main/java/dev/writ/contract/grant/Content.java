package dev.writ.contract.grant;

import dev.writ.contract.ErrorCode;
import dev.writ.contract.MalformedException;
import dev.writ.contract.json.JsonValue;
import dev.writ.contract.json.StrictJson;
import dev.writ.contract.verify.Field;
import dev.writ.contract.verify.RequestHead;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** The body of one request as strict JSON, read when a rule asks for it, at most once. */
final class Content {
  private final RequestHead head;
  private final byte[] body;
  private @Nullable JsonValue json;

  Content(RequestHead head, byte[] body) {
    this.head = head;
    this.body = body;
  }

  /**
   * The value; 415 when the media type or the coding is another, 400 when the bytes are not strict
   * JSON.
   */
  JsonValue json() throws GrantException {
    JsonValue known = json;
    if (known != null) {
      return known;
    }
    if (!isJson(field(head, "content-type"))) {
      throw new GrantException(ErrorCode.UNSUPPORTED_MEDIA_TYPE, "Content-Type");
    }
    String coding = field(head, "content-encoding");
    if (coding != null && !coding.equalsIgnoreCase("identity")) {
      throw new GrantException(ErrorCode.UNSUPPORTED_MEDIA_TYPE, "Content-Encoding");
    }
    try {
      JsonValue value = StrictJson.body(body);
      json = value;
      return value;
    } catch (MalformedException e) {
      throw new GrantException(ErrorCode.MALFORMED, "body: " + e.getMessage());
    }
  }

  /** The bytes as they are sent. */
  byte[] bytes() {
    return body;
  }

  boolean isEmpty() {
    return body.length == 0;
  }

  /** Throws when there is a body where none belongs: an app could read what was not looked at. */
  void none() throws GrantException {
    if (!isEmpty()) {
      throw GrantException.malformed("body where none belongs");
    }
  }

  /** The value of the only field of that name, null when there is none. */
  static @Nullable String field(RequestHead head, String name) {
    for (Field field : head.fields()) {
      if (field.name().equalsIgnoreCase(name)) {
        return field.value();
      }
    }
    return null;
  }

  /**
   * {@code application/json} or a subtype that ends in {@code +json}; a charset, when stated, is
   * UTF-8.
   */
  private static boolean isJson(@Nullable String contentType) {
    if (contentType == null) {
      return false;
    }
    String[] parts = contentType.toLowerCase(Locale.ROOT).split(";", -1);
    String type = parts[0].strip();
    boolean suffix = type.endsWith("+json") && isMediaType(type);
    if (!type.equals("application/json") && !suffix) {
      return false;
    }
    for (int i = 1; i < parts.length; i++) {
      String parameter = parts[i].strip();
      if (parameter.startsWith("charset") && !isUtf8(parameter)) {
        return false;
      }
    }
    return true;
  }

  /** Type and subtype, the latter more than its suffix. */
  private static boolean isMediaType(String type) {
    int slash = type.indexOf('/');
    return slash > 0
        && slash == type.lastIndexOf('/')
        && type.length() > slash + 1 + "+json".length()
        && type.chars().allMatch(c -> c > ' ' && c < 0x7f && c != ',' && c != '"');
  }

  private static boolean isUtf8(String parameter) {
    int equals = parameter.indexOf('=');
    if (equals < 0) {
      return false;
    }
    String value = parameter.substring(equals + 1).strip();
    return value.equals("utf-8") || value.equals("\"utf-8\"");
  }
}

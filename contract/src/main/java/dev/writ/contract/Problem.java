package dev.writ.contract;

import dev.writ.contract.json.JsonValue;
import dev.writ.contract.json.JsonWriter;
import dev.writ.contract.json.StrictJson;
import org.jspecify.annotations.Nullable;

/**
 * The body of a refusal, {@code application/problem+json} (RFC 9457; protocol.md, section 5).
 *
 * @param code why
 * @param receipt the decision record, {@code <boot>.<seq>}; null when there is none
 * @param limit for limits: how many calls there are; else null
 * @param used for limits: how many are used; else null
 * @param resetAt for limits: when calls are free again, epoch seconds; null when never or not a
 *     limit
 */
public record Problem(
    ErrorCode code,
    @Nullable String receipt,
    @Nullable Long limit,
    @Nullable Long used,
    @Nullable Long resetAt) {
  /** The media type of {@link #json()}. */
  public static final String MEDIA_TYPE = "application/problem+json";

  /** A problem that has a code and nothing else. */
  public static Problem of(ErrorCode code) {
    return new Problem(code, null, null, null, null);
  }

  /**
   * Reads what {@link #json()} wrote, somewhere else; members that this version does not know are
   * passed over, since a problem grants nothing.
   */
  public static Problem read(byte[] json) throws MalformedException {
    if (!(StrictJson.body(json) instanceof JsonValue.JsonObject object)
        || !(object.get("code") instanceof JsonValue.JsonString word)) {
      throw new MalformedException("problem: no code");
    }
    ErrorCode code =
        ErrorCode.of(word.value())
            .orElseThrow(() -> new MalformedException("problem: unknown code"));
    String receipt =
        object.get("receipt") instanceof JsonValue.JsonString text ? text.value() : null;
    return new Problem(
        code, receipt, number(object, "limit"), number(object, "used"), number(object, "resetAt"));
  }

  private static @Nullable Long number(JsonValue.JsonObject object, String name)
      throws MalformedException {
    try {
      return object.get(name) instanceof JsonValue.JsonNumber number
          ? (Long) number.value().longValueExact()
          : null;
    } catch (ArithmeticException e) {
      throw new MalformedException("problem: " + name);
    }
  }

  /** The same with the receipt of its record. */
  public Problem withReceipt(@Nullable String value) {
    return new Problem(code, value, limit, used, resetAt);
  }

  /** The document as it goes to the caller. */
  public String json() {
    JsonWriter json = new JsonWriter().beginObject();
    json.member("type", code.type()).member("title", code.title()).member("status", code.status());
    json.member("detail", code.detail()).member("code", code.code());
    if (receipt != null) {
      json.member("receipt", receipt);
    }
    if (limit != null) {
      json.member("limit", limit);
    }
    if (used != null) {
      json.member("used", used);
    }
    if (resetAt != null) {
      json.member("resetAt", resetAt);
    }
    return json.endObject().toString();
  }
}

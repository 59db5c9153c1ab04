package dev.writ.operator.control;

import dev.writ.contract.Problem;
import dev.writ.contract.json.JsonWriter;
import java.nio.charset.StandardCharsets;

/** A whole answer. */
final class Reply {
  private final int status;
  private final String mediaType;
  private final byte[] body;
  private final String cacheControl;

  private Reply(int status, String mediaType, byte[] body) {
    this(status, mediaType, body, "no-store");
  }

  private Reply(int status, String mediaType, byte[] body, String cacheControl) {
    this.status = status;
    this.mediaType = mediaType;
    this.body = body;
    this.cacheControl = cacheControl;
  }

  /** A file that others may keep. */
  static Reply file(String mediaType, byte[] body, String cacheControl) {
    return new Reply(200, mediaType, body, cacheControl);
  }

  static Reply json(int status, byte[] body) {
    return new Reply(status, "application/json", body);
  }

  static Reply text(int status, String body) {
    return new Reply(status, "text/plain; charset=utf-8", body.getBytes(StandardCharsets.UTF_8));
  }

  static Reply problem(ControlError error, String detail) {
    JsonWriter json = new JsonWriter().beginObject();
    json.member("type", "https://writ.dev/errors/control/" + error.code());
    json.member("title", error.title()).member("status", error.status());
    json.member("detail", detail).member("code", error.code());
    return new Reply(error.status(), Problem.MEDIA_TYPE, json.endObject().toBytes());
  }

  int status() {
    return status;
  }

  String mediaType() {
    return mediaType;
  }

  String cacheControl() {
    return cacheControl;
  }

  /** Not copied: nobody keeps a reply. */
  byte[] body() {
    return body;
  }
}

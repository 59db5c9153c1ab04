package dev.writ.operator.copies;

import java.util.List;

/** How records are said to another system. */
interface CopyFormat {
  /** The media type of what {@link #encode} returns. */
  String mediaType();

  /** One request's body, of at least one record. */
  byte[] encode(List<Copy> copies);

  /**
   * OpenTelemetry log records, as OTLP over HTTP in JSON.
   *
   * @param origin of the log
   */
  static CopyFormat openTelemetry(String origin) {
    return new OtlpLogs(origin);
  }

  /**
   * CloudEvents 1.0 in the JSON batch format.
   *
   * @param origin of the log
   */
  static CopyFormat cloudEvents(String origin) {
    return new CloudEvents(origin);
  }
}

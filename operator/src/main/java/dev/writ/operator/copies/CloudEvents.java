package dev.writ.operator.copies;

import dev.writ.contract.MalformedException;
import dev.writ.contract.json.JsonWriter;
import dev.writ.contract.json.StrictJson;
import java.nio.charset.StandardCharsets;
import java.util.List;

/**
 * Records as CloudEvents 1.0, batched JSON format. An event's {@code source} and {@code id} tell it
 * from every other, so a receiver knows one that is sent again.
 *
 * @param origin of the log
 */
record CloudEvents(String origin) implements CopyFormat {
  @Override
  public String mediaType() {
    return "application/cloudevents-batch+json";
  }

  @Override
  public byte[] encode(List<Copy> copies) {
    JsonWriter json = new JsonWriter().beginArray();
    for (Copy copy : copies) {
      json.beginObject()
          .member("specversion", "1.0")
          .member("id", copy.stored().receipt())
          .member("source", origin)
          .member("type", "dev.writ.record." + OtlpLogs.kind(copy.stored().entry()))
          .member("subject", copy.stored().entry().pod())
          .member("time", copy.stored().entry().time().toString())
          .member("datacontenttype", "application/json")
          .member("logindex", Long.toString(copy.index()));
      data(json.name("data"), copy.stored().toLine());
      json.endObject();
    }
    return json.endArray().toBytes();
  }

  private static void data(JsonWriter json, String line) {
    try {
      json.value(StrictJson.body(line.getBytes(StandardCharsets.UTF_8)));
    } catch (MalformedException e) {
      throw new IllegalStateException("a record is JSON", e);
    }
  }
}

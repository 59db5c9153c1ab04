package dev.writ.contract.grant;

import static dev.writ.contract.grant.GrantException.malformed;

import dev.writ.contract.json.JsonValue;
import dev.writ.contract.json.JsonValue.JsonArray;
import dev.writ.contract.json.JsonValue.JsonNull;
import dev.writ.contract.json.JsonValue.JsonObject;
import dev.writ.contract.json.JsonValue.JsonString;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The message of one A2A call, as far as rules look at it.
 *
 * @param tasks that it continues or refers to
 * @param skill that it states; null when it states none
 * @param data the values of its data parts
 * @param free whether a part is anything but data: text, a file, a link
 */
record A2aMessage(List<String> tasks, @Nullable String skill, List<JsonValue> data, boolean free) {
  /** The member of {@code metadata} by which a client states the skill in our own extension. */
  static final String EXTENSION = "https://writ.dev/a2a/skill/v1";

  private static final Spelling MEMBERS =
      Spelling.proto(
          "messageId",
          "contextId",
          "taskId",
          "role",
          "parts",
          "content",
          "metadata",
          "extensions",
          "referenceTaskIds",
          "kind");
  private static final Spelling PART =
      Spelling.proto("text", "raw", "url", "data", "file", "metadata", "filename", "kind");
  private static final List<String> CONTENTS = List.of("text", "raw", "url", "data", "file");
  private static final Spelling SKILL = Spelling.proto("skill", "skillId");

  /** Copies. */
  A2aMessage {
    tasks = List.copyOf(tasks);
    data = List.copyOf(data);
  }

  /**
   * Reads one.
   *
   * @param around metadata of the request, beside the message; null when there is none
   */
  static A2aMessage read(JsonObject message, @Nullable JsonValue around) throws GrantException {
    MEMBERS.check(message);
    List<String> tasks = new ArrayList<>();
    String task = A2aCall.text(message, "taskId");
    if (task != null) {
      tasks.add(task);
    }
    tasks.addAll(A2aCall.texts(message, "referenceTaskIds"));
    List<JsonValue> data = new ArrayList<>();
    boolean free = false;
    for (JsonObject part : parts(message)) {
      JsonValue value = data(part, message.get("parts") == null);
      if (value == null) {
        free = true;
      } else {
        data.add(value);
      }
    }
    return new A2aMessage(tasks, skill(message, around, data), data, free);
  }

  /** {@code content} is how the gRPC and HTTP bindings of version 0.3 call the parts. */
  private static List<JsonObject> parts(JsonObject message) throws GrantException {
    JsonValue parts = message.get("parts");
    JsonValue content = message.get("content");
    if (parts != null && content != null) {
      throw malformed("A2A: parts and content");
    }
    JsonValue list = parts == null ? content : parts;
    if (list == null || list instanceof JsonNull) {
      return List.of();
    }
    List<JsonObject> objects = new ArrayList<>();
    if (list instanceof JsonArray array) {
      for (JsonValue item : array.items()) {
        if (item instanceof JsonObject object) {
          objects.add(object);
        }
      }
      if (objects.size() == array.items().size()) {
        return objects;
      }
    }
    throw malformed("A2A: parts");
  }

  /**
   * The value of a data part, null for any other part.
   *
   * @param wrapped whether data stands one level deeper, as in the protobuf of version 0.3
   */
  private static @Nullable JsonValue data(JsonObject part, boolean wrapped) throws GrantException {
    PART.check(part);
    String content = null;
    for (String name : CONTENTS) {
      if (part.get(name) != null) {
        if (content != null) {
          throw malformed("A2A: a part of two kinds");
        }
        content = name;
      }
    }
    if (part.get("kind") instanceof JsonString kind && !kind.value().equals(content)) {
      throw malformed("A2A: a part of two kinds");
    }
    JsonValue value = part.get("data");
    if (value == null || !wrapped) {
      return value;
    }
    if (value instanceof JsonObject object
        && Set.of("data").containsAll(object.members().keySet())
        && object.get("data") != null) {
      return object.get("data");
    }
    throw malformed("A2A: data of a part");
  }

  /** What the message states, wherever clients are known to state it; all of it has to agree. */
  private static @Nullable String skill(
      JsonObject message, @Nullable JsonValue around, List<JsonValue> data) throws GrantException {
    List<String> stated = new ArrayList<>();
    JsonValue metadata = message.get("metadata");
    if (metadata instanceof JsonObject object && object.get(EXTENSION) != null) {
      stated(object.get(EXTENSION), stated);
    }
    stated(metadata, stated);
    stated(around, stated);
    for (JsonValue value : data) {
      stated(value, stated);
    }
    for (String skill : stated) {
      if (!skill.equals(stated.get(0))) {
        throw malformed("A2A: two skills");
      }
    }
    return stated.isEmpty() ? null : stated.get(0);
  }

  private static void stated(@Nullable JsonValue where, List<String> stated) throws GrantException {
    if (!(where instanceof JsonObject object)) {
      return;
    }
    for (String name : List.of("skill", "skillId", "skill_id")) {
      if (object.get(name) instanceof JsonString text) {
        stated.add(text.value());
      }
    }
    // Another case of the name could be what the app reads.
    SKILL.check(object);
  }
}

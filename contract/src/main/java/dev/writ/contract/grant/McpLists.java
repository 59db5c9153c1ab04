package dev.writ.contract.grant;

import dev.writ.contract.MalformedException;
import dev.writ.contract.document.Block;
import dev.writ.contract.document.Match.McpMatch;
import dev.writ.contract.document.Rule;
import dev.writ.contract.json.JsonValue;
import dev.writ.contract.json.JsonValue.JsonArray;
import dev.writ.contract.json.JsonValue.JsonObject;
import dev.writ.contract.json.JsonValue.JsonString;
import dev.writ.contract.json.JsonWriter;
import dev.writ.contract.json.StrictJson;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Cuts lists of the Model Context Protocol down to what a chain lets its holder use, so that a
 * model is not shown tools that it would be refused. No protection: what is called is judged when
 * it is called. Knows names and no arguments. Immutable. (actions.md, Base protocol)
 */
public final class McpLists {
  /** Member of a result, how its items are told apart, and what uses them. */
  private enum Kind {
    TOOLS("tools", "name", "tools/call"),
    PROMPTS("prompts", "name", "prompts/get"),
    RESOURCES("resources", "uri", "resources/read");

    private final String member;
    private final String key;
    private final String method;

    Kind(String member, String key, String method) {
      this.member = member;
      this.key = key;
      this.method = method;
    }
  }

  private final List<McpMatch> granted;

  private McpLists(List<McpMatch> granted) {
    this.granted = List.copyOf(granted);
  }

  /**
   * For the answer to one request of the base protocol.
   *
   * @param blocks of a verified chain, root first
   * @param body of the request, which was granted
   * @return null when the answer holds no list: neither is one asked for, nor is it the stream of a
   *     session, in which an answer that was missed may come again
   */
  public static @Nullable McpLists of(List<? extends Block> blocks, byte[] body) {
    return body.length > 0 && !asksForList(body) ? null : new McpLists(granted(blocks));
  }

  private static boolean asksForList(byte[] body) {
    try {
      return StrictJson.body(body) instanceof JsonObject message
          && message.get("method") instanceof JsonString method
          && method.value().endsWith("/list");
    } catch (MalformedException e) {
      throw new IllegalStateException("a granted body is JSON", e);
    }
  }

  private static List<McpMatch> granted(List<? extends Block> blocks) {
    List<McpMatch> matches = new ArrayList<>();
    Rules rules = new Rules(blocks);
    for (Rule rule : rules.all()) {
      if (rules.grants(rule) && rule.match() instanceof McpMatch match) {
        matches.add(match);
      }
    }
    return matches;
  }

  /**
   * One answer, or the data of one event, with its lists cut.
   *
   * @throws MalformedException when it is not JSON, or a list holds what has no name
   */
  public byte[] cut(byte[] json) throws MalformedException {
    JsonValue before = StrictJson.body(json);
    JsonValue after = message(before);
    return after.equals(before)
        ? json
        : new JsonWriter().value(after).toString().getBytes(StandardCharsets.UTF_8);
  }

  private JsonValue message(JsonValue message) throws MalformedException {
    if (message instanceof JsonArray batch) {
      List<JsonValue> all = new ArrayList<>();
      for (JsonValue item : batch.items()) {
        all.add(message(item));
      }
      return new JsonArray(all);
    }
    if (!(message instanceof JsonObject envelope)
        || !(envelope.get("result") instanceof JsonObject result)) {
      return message;
    }
    Map<String, JsonValue> members = new LinkedHashMap<>(result.members());
    for (Kind kind : Kind.values()) {
      if (members.get(kind.member) instanceof JsonArray list) {
        members.put(kind.member, cut(kind, list));
      }
    }
    Map<String, JsonValue> answer = new LinkedHashMap<>(envelope.members());
    answer.put("result", new JsonObject(members));
    return new JsonObject(answer);
  }

  private JsonArray cut(Kind kind, JsonArray list) throws MalformedException {
    List<JsonValue> kept = new ArrayList<>();
    for (JsonValue item : list.items()) {
      if (!(item instanceof JsonObject entry)
          || !(entry.get(kind.key) instanceof JsonString name)) {
        throw new MalformedException("list: an entry of " + kind.member + " has no " + kind.key);
      }
      boolean usable =
          granted.stream()
              .anyMatch(
                  match ->
                      match.methods().contains(kind.method)
                          && McpReading.named(match, name.value()));
      if (usable) {
        kept.add(item);
      }
    }
    return new JsonArray(kept);
  }
}

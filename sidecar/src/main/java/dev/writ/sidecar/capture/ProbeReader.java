package dev.writ.sidecar.capture;

import dev.writ.contract.MalformedException;
import dev.writ.contract.json.JsonValue;
import dev.writ.contract.json.JsonValue.JsonArray;
import dev.writ.contract.json.JsonValue.JsonNumber;
import dev.writ.contract.json.JsonValue.JsonObject;
import dev.writ.contract.json.JsonValue.JsonString;
import dev.writ.contract.json.StrictJson;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** Reads {@code WRIT_PROBES}, which the webhook wrote. Strict: an unknown member is an error. */
public final class ProbeReader {
  private static final int MAX_SECONDS = 3_600;
  private static final int MAX_SERVICE = 127;

  private ProbeReader() {}

  /**
   * Reads a JSON array of probes.
   *
   * @throws MalformedException saying which member is wrong
   */
  public static List<Probe> read(String text) throws MalformedException {
    if (!(StrictJson.body(text.getBytes(StandardCharsets.UTF_8)) instanceof JsonArray array)) {
      throw new MalformedException("is not a JSON array");
    }
    List<Probe> probes = new ArrayList<>();
    Set<String> paths = new HashSet<>();
    for (JsonValue item : array.items()) {
      if (!(item instanceof JsonObject object)) {
        throw new MalformedException("holds something that is not an object");
      }
      Probe probe = probe(object);
      if (!paths.add(probe.path())) {
        throw new MalformedException("has the path " + probe.path() + " twice");
      }
      probes.add(probe);
    }
    return probes;
  }

  private static Probe probe(JsonObject json) throws MalformedException {
    String kind = text(json, "kind");
    Probe.Question question =
        switch (kind) {
          case "http", "https" -> {
            members(json, Set.of("path", "kind", "port", "seconds", "target", "headers"));
            String target = text(json, "target");
            if (!target.startsWith("/")) {
              throw new MalformedException("target does not begin with /");
            }
            yield new Probe.Question.Http(kind.equals("https"), target, headers(json));
          }
          case "tcp" -> {
            members(json, Set.of("path", "kind", "port", "seconds"));
            yield new Probe.Question.Tcp();
          }
          case "grpc" -> {
            members(json, Set.of("path", "kind", "port", "seconds", "service"));
            String service = text(json, "service");
            if (service.getBytes(StandardCharsets.UTF_8).length > MAX_SERVICE) {
              throw new MalformedException("service is longer than " + MAX_SERVICE + " bytes");
            }
            yield new Probe.Question.Grpc(service);
          }
          default -> throw new MalformedException("kind is not http, https, tcp or grpc");
        };
    String path = text(json, "path");
    if (!path.startsWith("/")) {
      throw new MalformedException("path does not begin with /");
    }
    return new Probe(
        path, number(json, "port", 1, 65_535), number(json, "seconds", 0, MAX_SECONDS), question);
  }

  private static List<Probe.Header> headers(JsonObject json) throws MalformedException {
    if (!(json.get("headers") instanceof JsonArray array)) {
      throw new MalformedException("headers is not an array");
    }
    List<Probe.Header> headers = new ArrayList<>();
    for (JsonValue item : array.items()) {
      if (!(item instanceof JsonObject object)) {
        throw new MalformedException("headers holds something that is not an object");
      }
      members(object, Set.of("name", "value"));
      headers.add(new Probe.Header(text(object, "name"), text(object, "value")));
    }
    return headers;
  }

  private static void members(JsonObject json, Set<String> names) throws MalformedException {
    if (!json.members().keySet().equals(names)) {
      throw new MalformedException("members are not exactly " + names.stream().sorted().toList());
    }
  }

  private static String text(JsonObject json, String name) throws MalformedException {
    if (json.get(name) instanceof JsonString string) {
      return string.value();
    }
    throw new MalformedException(name + " is not a string");
  }

  private static int number(JsonObject json, String name, int minimum, int maximum)
      throws MalformedException {
    if (json.get(name) instanceof JsonNumber number
        && number.integer()
        && number.value().compareTo(BigDecimal.valueOf(minimum)) >= 0
        && number.value().compareTo(BigDecimal.valueOf(maximum)) <= 0) {
      return number.value().intValue();
    }
    throw new MalformedException(name + " is not within " + minimum + " to " + maximum);
  }
}

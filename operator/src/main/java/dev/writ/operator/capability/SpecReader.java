package dev.writ.operator.capability;

import com.fasterxml.jackson.databind.JsonNode;
import dev.writ.contract.MalformedException;
import dev.writ.contract.SpiffeId;
import dev.writ.contract.document.Limits;
import dev.writ.contract.document.Rule;
import dev.writ.contract.json.JsonValue;
import dev.writ.contract.json.JsonValue.JsonArray;
import dev.writ.contract.json.JsonValue.JsonBoolean;
import dev.writ.contract.json.JsonValue.JsonNull;
import dev.writ.contract.json.JsonValue.JsonNumber;
import dev.writ.contract.json.JsonValue.JsonObject;
import dev.writ.contract.json.JsonValue.JsonString;
import dev.writ.contract.json.StrictJson;
import dev.writ.contract.key.PublicKey;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Reads a spec into {@link Terms}. The API server's schema came first, so what fails here is rare;
 * it fails all the same.
 */
final class SpecReader {
  private static final Set<String> MEMBERS =
      Set.of(
          "source",
          "targetRef",
          "actions",
          "limits",
          "validity",
          "delegation",
          "baseProtocol",
          "audit",
          "onExpiry",
          "suspend");
  private static final Pattern DURATION_PART = Pattern.compile("([0-9]{1,5})([hms])");

  /** A chain has at most five blocks. (protocol.md, Delegation) */
  private static final int MAX_DEPTH = 4;

  private final Terms.Subject subject;
  private final JsonNode spec;
  private final String trustDomain;

  SpecReader(Terms.Subject subject, JsonNode spec, String trustDomain) {
    this.subject = subject;
    this.spec = spec;
    this.trustDomain = trustDomain;
  }

  /** What the spec says, in the words of a contract. */
  Terms read() throws MalformedException {
    for (Map.Entry<String, JsonNode> member : spec.properties()) {
      if (!MEMBERS.contains(member.getKey())) {
        throw new MalformedException(
            "spec." + member.getKey() + " is not known to this version of the operator");
      }
    }
    Outside outside = outside(spec.path("source"));
    JsonNode target = spec.path("targetRef");
    if (!target.path("kind").asText("Service").equals("Service")) {
      throw new MalformedException("spec.targetRef.kind is not Service");
    }
    JsonNode validity = spec.path("validity");
    OptionalLong notBefore = ceiling(moment("notBefore", validity.path("notBefore")));
    return new Terms(
        subject,
        outside == null
            ? account(spec.path("source").path("serviceAccount"))
            : Outside.id(trustDomain, subject.namespace(), outside.key()),
        outside,
        SpiffeId.service(
            trustDomain, subject.namespace(), text("spec.targetRef.name", target.path("name"))),
        target.path("port").isTextual() ? target.path("port").textValue() : null,
        rules(),
        limits(),
        notBefore,
        notAfter(validity),
        delegation(),
        !spec.path("baseProtocol").asText("Allow").equals("Deny"),
        spec.path("audit").asText("Async").equals("Sync"),
        spec.path("onExpiry").asText("Drain").equals("Terminate"),
        spec.path("suspend").asBoolean(false));
  }

  private SpiffeId account(JsonNode account) throws MalformedException {
    return SpiffeId.workload(
        trustDomain,
        text("spec.source.serviceAccount.namespace", account.path("namespace")),
        text("spec.source.serviceAccount.name", account.path("name")));
  }

  private static @Nullable Outside outside(JsonNode source) throws MalformedException {
    JsonNode jwk = source.path("publicKey");
    if (jwk.isMissingNode() || jwk.isNull()) {
      return null;
    }
    if (source.path("serviceAccount").isObject()) {
      throw new MalformedException(
          "spec.source has both serviceAccount and publicKey: write one of them");
    }
    PublicKey key;
    try {
      key =
          PublicKey.unchecked(StrictJson.body(jwk.toString().getBytes(StandardCharsets.UTF_8)))
              .checked();
    } catch (MalformedException e) {
      throw new MalformedException(
          "spec.source.publicKey: "
              + e.getMessage()
              + "; write what writ key generate --public-out wrote");
    }
    return new Outside(
        key, text("spec.source.contractSecretName", source.path("contractSecretName")));
  }

  private List<Rule> rules() throws MalformedException {
    List<Rule> rules = new ArrayList<>();
    for (JsonNode action : spec.path("actions")) {
      String where = "spec.actions[" + rules.size() + "]";
      try {
        rules.add(Rule.read(where, rule(action)));
      } catch (MalformedException e) {
        String message = String.valueOf(e.getMessage());
        throw new MalformedException(message.startsWith(where) ? message : where + ": " + message);
      }
    }
    if (rules.isEmpty()) {
      throw new MalformedException("spec.actions is empty");
    }
    return rules;
  }

  /**
   * An action of the YAML is a rule of the contract under another name, so the contract's own
   * strict reader reads it.
   */
  private static JsonValue rule(JsonNode action) throws MalformedException {
    JsonValue value =
        canonical(StrictJson.body(action.toString().getBytes(StandardCharsets.UTF_8)));
    if (!(value instanceof JsonObject object)) {
      throw new MalformedException("an action is not an object");
    }
    Map<String, JsonValue> members = new LinkedHashMap<>();
    object
        .members()
        .forEach((name, member) -> members.put(name.equals("name") ? "action" : name, member));
    return new JsonObject(members);
  }

  /**
   * Drops null members and defaults that a contract leaves out, and writes 500.0 as 500: every byte
   * counts in a header.
   */
  private static JsonValue canonical(JsonValue value) {
    return switch (value) {
      case JsonObject object -> {
        Map<String, JsonValue> members = new LinkedHashMap<>();
        object
            .members()
            .forEach(
                (name, member) -> {
                  boolean dropped =
                      member instanceof JsonNull
                          || (name.equals("required") && member.equals(new JsonBoolean(true)))
                          || (name.equals("streaming") && member.equals(new JsonBoolean(false)));
                  if (!dropped) {
                    members.put(name, canonical(member));
                  }
                });
        yield new JsonObject(members);
      }
      case JsonArray array ->
          new JsonArray(array.items().stream().map(SpecReader::canonical).toList());
      case JsonNumber number -> {
        BigDecimal plain = number.value().stripTrailingZeros();
        yield plain.scale() <= 0
            ? new JsonNumber(plain.setScale(0), true)
            : new JsonNumber(plain, false);
      }
      case JsonString string -> string;
      case JsonBoolean bool -> bool;
      case JsonNull none -> none;
    };
  }

  private Limits limits() throws MalformedException {
    JsonNode limits = spec.path("limits");
    JsonNode rate = limits.path("rate");
    Limits.Rate perWindow = null;
    if (rate.isObject()) {
      perWindow =
          new Limits.Rate(
              rate.path("calls").longValue(),
              seconds(text("spec.limits.rate.period", rate.path("period"))));
    }
    JsonNode concurrent = limits.path("concurrentPerReplica");
    return new Limits(
        limits.path("calls").isIntegralNumber() ? limits.path("calls").longValue() : null,
        perWindow,
        concurrent.isIntegralNumber() ? concurrent.intValue() : null);
  }

  private Terms.Delegable delegation() throws MalformedException {
    int depth = spec.path("delegation").path("maxDepth").asInt(0);
    if (depth == 0) {
      return Terms.Delegable.NO;
    }
    if (depth < 0 || depth > MAX_DEPTH) {
      throw new MalformedException(
          "spec.delegation.maxDepth is " + depth + ": write 1 to " + MAX_DEPTH);
    }
    List<SpiffeId> to = new ArrayList<>();
    for (JsonNode receiver : spec.path("delegation").path("to")) {
      String where = "spec.delegation.to[" + to.size() + "].serviceAccount";
      JsonNode account = receiver.path("serviceAccount");
      to.add(
          SpiffeId.workload(
              trustDomain,
              text(where + ".namespace", account.path("namespace")),
              text(where + ".name", account.path("name"))));
    }
    if (to.isEmpty()) {
      throw new MalformedException(
          "spec.delegation.to names nobody: write the service accounts that may receive it, or"
              + " maxDepth: 0");
    }
    return new Terms.Delegable(depth, to.stream().distinct().toList());
  }

  private OptionalLong notAfter(JsonNode validity) throws MalformedException {
    Instant end = moment("notAfter", validity.path("notAfter"));
    if (end != null) {
      return OptionalLong.of(end.getEpochSecond());
    }
    return validity.path("ttl").isTextual()
        ? OptionalLong.of(subject.createdAt() + seconds(validity.path("ttl").textValue()))
        : OptionalLong.empty();
  }

  /** A call half a second early is early; a call half a second late is late. */
  private static OptionalLong ceiling(@Nullable Instant instant) {
    return instant == null
        ? OptionalLong.empty()
        : OptionalLong.of(instant.plusNanos(999_999_999).getEpochSecond());
  }

  private static @Nullable Instant moment(String field, JsonNode node) throws MalformedException {
    if (!node.isTextual()) {
      return null;
    }
    try {
      return OffsetDateTime.parse(node.textValue()).toInstant();
    } catch (DateTimeException e) {
      throw new MalformedException(
          "spec.validity." + field + " is not a moment as in 2026-11-01T00:00:00Z");
    }
  }

  static long seconds(String duration) throws MalformedException {
    Matcher part = DURATION_PART.matcher(duration);
    long seconds = 0;
    int end = 0;
    while (part.lookingAt()) {
      long count = Long.parseLong(part.group(1));
      seconds +=
          switch (part.group(2)) {
            case "h" -> count * 3600;
            case "m" -> count * 60;
            default -> count;
          };
      end = part.end();
      part.region(end, duration.length());
    }
    if (end != duration.length() || seconds == 0) {
      throw new MalformedException("\"" + duration + "\" is not a duration as in 90s, 5m or 2h");
    }
    return seconds;
  }

  private static String text(String field, JsonNode node) throws MalformedException {
    if (!node.isTextual()) {
      throw new MalformedException(field + " is missing");
    }
    return node.textValue();
  }
}

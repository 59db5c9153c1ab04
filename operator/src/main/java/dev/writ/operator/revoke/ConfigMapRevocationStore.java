package dev.writ.operator.revoke;

import dev.writ.contract.MalformedException;
import dev.writ.contract.json.JsonValue;
import dev.writ.contract.json.JsonValue.JsonNumber;
import dev.writ.contract.json.JsonValue.JsonObject;
import dev.writ.contract.json.JsonWriter;
import dev.writ.contract.json.StrictJson;
import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.ConfigMapBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.net.HttpURLConnection;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The state as JSON in one ConfigMap, changed by compare-and-swap on its resourceVersion. Room for
 * about 10,000 capabilities.
 */
public final class ConfigMapRevocationStore implements RevocationStore {
  /** Name of the ConfigMap. */
  public static final String NAME = "writ-revocations";

  private static final String KEY = "state.json";
  private final KubernetesClient client;
  private final String namespace;

  /** The ConfigMap lives in the operator's namespace. */
  public ConfigMapRevocationStore(KubernetesClient client, String namespace) {
    this.client = client;
    this.namespace = namespace;
  }

  @Override
  public Optional<Stored> load() {
    ConfigMap map = client.configMaps().inNamespace(namespace).withName(NAME).get();
    if (map == null) {
      return Optional.empty();
    }
    String text = map.getData() == null ? null : map.getData().get(KEY);
    try {
      return Optional.of(new Stored(parse(text), map.getMetadata().getResourceVersion()));
    } catch (MalformedException e) {
      throw new IllegalStateException("couldn't read ConfigMap " + NAME + ": " + e.getMessage(), e);
    }
  }

  @Override
  public Stored save(RevocationState state, String version) throws StaleVersionException {
    ConfigMap map =
        new ConfigMapBuilder()
            .withNewMetadata()
            .withNamespace(namespace)
            .withName(NAME)
            .withResourceVersion(version.isEmpty() ? null : version)
            .addToLabels("app.kubernetes.io/managed-by", "writ")
            .endMetadata()
            .addToData(KEY, print(state))
            .build();
    try {
      ConfigMap saved =
          version.isEmpty() ? client.resource(map).create() : client.resource(map).update();
      return new Stored(state, saved.getMetadata().getResourceVersion());
    } catch (KubernetesClientException e) {
      if (e.getCode() == HttpURLConnection.HTTP_CONFLICT) {
        throw new StaleVersionException("ConfigMap " + NAME + " was changed by somebody else");
      }
      throw e;
    }
  }

  static String print(RevocationState state) {
    JsonWriter json = new JsonWriter().beginObject().member("seq", state.seq());
    json.name("cids").beginObject();
    state.cids().forEach(json::member);
    json.endObject().name("gens").beginObject();
    state
        .gens()
        .forEach(
            (cid, edited) ->
                json.name(cid)
                    .beginObject()
                    .member("gen", edited.gen())
                    .member("until", edited.until())
                    .endObject());
    json.endObject().name("known").beginObject();
    state.known().forEach(json::member);
    json.endObject().name("jtis").beginObject();
    state.jtis().forEach(json::member);
    json.endObject().name("jkts").beginObject();
    state.jkts().forEach(json::member);
    return json.endObject().endObject().toString();
  }

  static RevocationState parse(@Nullable String text) throws MalformedException {
    if (text == null) {
      throw new MalformedException("no " + KEY);
    }
    JsonObject root =
        object(StrictJson.body(text.getBytes(StandardCharsets.UTF_8)), "the document");
    Map<String, RevocationState.Edited> gens = new TreeMap<>();
    for (Map.Entry<String, JsonValue> entry :
        object(root.get("gens"), "gens").members().entrySet()) {
      JsonObject edited = object(entry.getValue(), "an entry of gens");
      gens.put(
          entry.getKey(),
          new RevocationState.Edited(number(edited.get("gen")), number(edited.get("until"))));
    }
    try {
      return new RevocationState(
          number(root.get("seq")),
          numbers(root, "cids"),
          gens,
          numbers(root, "known"),
          numbers(root, "jtis"),
          numbers(root, "jkts"));
    } catch (IllegalArgumentException e) {
      throw new MalformedException(String.valueOf(e.getMessage()));
    }
  }

  private static Map<String, Long> numbers(JsonObject root, String name) throws MalformedException {
    Map<String, Long> numbers = new TreeMap<>();
    for (Map.Entry<String, JsonValue> entry : object(root.get(name), name).members().entrySet()) {
      numbers.put(entry.getKey(), number(entry.getValue()));
    }
    return numbers;
  }

  private static JsonObject object(@Nullable JsonValue value, String what)
      throws MalformedException {
    if (value instanceof JsonObject object) {
      return object;
    }
    throw new MalformedException(what + " is not an object");
  }

  private static long number(@Nullable JsonValue value) throws MalformedException {
    if (value instanceof JsonNumber number && number.integer()) {
      try {
        return number.value().longValueExact();
      } catch (ArithmeticException e) {
        throw new MalformedException("a number is out of range");
      }
    }
    throw new MalformedException("a number is missing");
  }
}

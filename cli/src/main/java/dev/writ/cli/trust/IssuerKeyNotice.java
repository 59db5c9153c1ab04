package dev.writ.cli.trust;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.writ.cli.CommandException;
import dev.writ.contract.Names;
import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What the operator says of its keys. Asking here takes the right to patch this one ConfigMap,
 * which gives no key away. (docs/keys.md)
 */
final class IssuerKeyNotice {
  private static final ObjectMapper JSON = new ObjectMapper();

  private final KubernetesClient client;
  private final String namespace;

  IssuerKeyNotice(KubernetesClient client, String namespace) {
    this.client = client;
    this.namespace = namespace;
  }

  /**
   * One key.
   *
   * @param since epoch second
   * @param ends epoch second at which the last contract under it has ended, 0 if it still signs
   */
  record Key(String kid, String state, long since, long ends) {
    boolean trusted() {
      return !state.equals("revoked");
    }
  }

  /** All keys, the one that signs first. */
  List<Key> keys() throws CommandException {
    ConfigMap map =
        client.configMaps().inNamespace(namespace).withName(Names.ISSUER_KEYS_MAP).get();
    String text =
        map == null || map.getData() == null ? null : map.getData().get(Names.ISSUER_KEYS_ENTRY);
    if (text == null) {
      throw CommandException.unusable(
          "namespace "
              + namespace
              + " has no ConfigMap "
              + Names.ISSUER_KEYS_MAP
              + ": write the operator's namespace with --system-namespace, and look whether the"
              + " operator runs");
    }
    return parse(text);
  }

  static List<Key> parse(String text) throws CommandException {
    List<Key> keys = new ArrayList<>();
    try {
      for (JsonNode key : JSON.readTree(text).path("keys")) {
        keys.add(
            new Key(
                key.path("kid").asText(),
                key.path("state").asText(),
                key.path("since").asLong(),
                key.path("lastContractEnds").asLong()));
      }
    } catch (JsonProcessingException e) {
      throw CommandException.unusable(
          "ConfigMap " + Names.ISSUER_KEYS_MAP + " can't be read: " + e.getOriginalMessage());
    }
    return keys;
  }

  /** The key of that kid, or of the only one that begins so. */
  Optional<Key> key(String kid) throws CommandException {
    List<Key> found = keys().stream().filter(key -> key.kid().startsWith(kid)).toList();
    return kid.length() >= 8 && found.size() == 1
        ? Optional.of(found.getFirst())
        : Optional.empty();
  }

  void ask(String annotation, String value) {
    Map<String, Object> annotations = new LinkedHashMap<>();
    annotations.put(annotation, value);
    client
        .configMaps()
        .inNamespace(namespace)
        .withName(Names.ISSUER_KEYS_MAP)
        .patch(
            PatchContext.of(PatchType.JSON_MERGE),
            io.fabric8.kubernetes.client.utils.Serialization.asJson(
                Map.of("metadata", Map.of("annotations", annotations))));
  }
}

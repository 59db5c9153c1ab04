package dev.writ.operator.reconcile;

import dev.writ.contract.Names;
import dev.writ.contract.json.JsonWriter;
import dev.writ.operator.revoke.RevocationRegister;
import dev.writ.operator.revoke.RevocationStore.StaleVersionException;
import dev.writ.v1alpha1.AgentCapability;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import java.time.Instant;
import java.util.LinkedHashSet;
import java.util.Set;
import java.util.UUID;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Revokes single contracts that a capability's annotation names. The annotation goes once the list
 * that names them is out; whoever waits for that knows it by then.
 */
final class ContractRevocations {
  private static final Logger LOG = LoggerFactory.getLogger(ContractRevocations.class);

  /** Each stays in every list for a quarter of an hour. */
  private static final int MAX = 64;

  private final RevocationRegister register;
  private final KubernetesClient client;
  private final EventPublisher events;

  ContractRevocations(RevocationRegister register, KubernetesClient client, EventPublisher events) {
    this.register = register;
    this.client = client;
    this.events = events;
  }

  /** Does what the annotation asks, if it is there. */
  void meet(AgentCapability capability, Instant now) throws StaleVersionException {
    var annotations = capability.getMetadata().getAnnotations();
    String asked = annotations == null ? null : annotations.get(Names.REVOKE_CONTRACTS);
    if (asked == null) {
      return;
    }
    Set<String> dead = new LinkedHashSet<>();
    String wrong = null;
    for (String jti : asked.split(",", -1)) {
      if (isId(jti.strip())) {
        dead.add(jti.strip());
      } else if (!jti.isBlank()) {
        wrong = jti.strip();
      }
    }
    if (wrong != null || dead.size() > MAX) {
      decline(capability, wrong, now);
    }
    if (dead.size() <= MAX) {
      long seconds = now.getEpochSecond();
      register.apply(state -> state.contracts(dead, seconds), false);
    }
    takeDown(capability, asked);
  }

  private static boolean isId(String text) {
    try {
      return UUID.fromString(text).toString().equals(text);
    } catch (IllegalArgumentException e) {
      return false;
    }
  }

  private void decline(
      AgentCapability capability, @org.jspecify.annotations.Nullable String wrong, Instant now) {
    String shown = wrong == null || wrong.length() <= 40 ? wrong : wrong.substring(0, 40) + "...";
    events.publish(
        capability,
        EventReason.RevocationDeclined,
        "Annotation "
            + Names.REVOKE_CONTRACTS
            + (shown == null
                ? " names more than " + MAX + " contracts: suspend the capability instead."
                : " holds \""
                    + shown
                    + "\", which is no jti: write lower-case UUIDs, separated by commas."),
        now);
  }

  /** Only as it was read: what was asked meanwhile stays, and brings us back. */
  private void takeDown(AgentCapability capability, String asked) {
    String path =
        "/metadata/annotations/" + Names.REVOKE_CONTRACTS.replace("~", "~0").replace("/", "~1");
    JsonWriter patch = new JsonWriter().beginArray();
    patch
        .beginObject()
        .member("op", "test")
        .member("path", path)
        .member("value", asked)
        .endObject();
    patch.beginObject().member("op", "remove").member("path", path).endObject();
    try {
      client
          .resources(AgentCapability.class)
          .inNamespace(capability.getMetadata().getNamespace())
          .withName(capability.getMetadata().getName())
          .patch(PatchContext.of(PatchType.JSON), patch.endArray().toString());
    } catch (KubernetesClientException e) {
      LOG.atInfo()
          .addKeyValue("capability", capability.getMetadata().getName())
          .addKeyValue("cause", e.getMessage())
          .log("couldn't take down a request that was met; tried again at the next look");
    }
  }
}

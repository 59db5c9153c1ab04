package dev.writ.operator.reconcile;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.writ.contract.Names;
import dev.writ.operator.capability.Terms;
import dev.writ.v1alpha1.AgentCapability;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.time.Instant;

/** From the generated resource to what {@code capability} reads. */
public final class Applications {
  private static final ObjectMapper JSON = new ObjectMapper();

  private Applications() {}

  /** Subject and spec of a resource that the API server sent. */
  public static CapabilityDesk.Application of(AgentCapability capability) {
    var metadata = capability.getMetadata();
    return new CapabilityDesk.Application(
        new Terms.Subject(
            metadata.getNamespace(),
            metadata.getName(),
            metadata.getUid(),
            metadata.getGeneration() == null ? 1 : metadata.getGeneration(),
            Instant.parse(metadata.getCreationTimestamp()).getEpochSecond()),
        spec(capability),
        metadata.getAnnotations() == null ? null : metadata.getAnnotations().get(Names.ACCEPT_LOG));
  }

  private static JsonNode spec(AgentCapability capability) {
    try {
      return JSON.readTree(
          capability.getSpec() == null ? "{}" : Serialization.asJson(capability.getSpec()));
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("couldn't read back a spec that was just written", e);
    }
  }
}

package dev.writ.operator.reconcile;

import dev.writ.v1alpha1.AgentCapability;
import io.fabric8.kubernetes.api.model.Event;
import io.fabric8.kubernetes.api.model.EventBuilder;
import io.fabric8.kubernetes.api.model.ObjectReference;
import io.fabric8.kubernetes.api.model.ObjectReferenceBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Sends Events. One that can't be sent is not sent again: the condition says the same and stays.
 */
public final class EventPublisher {
  private static final Logger LOG = LoggerFactory.getLogger(EventPublisher.class);
  private static final String COMPONENT = "writ-operator";

  private final KubernetesClient client;

  /** Needs the right to create Events. */
  public EventPublisher(KubernetesClient client) {
    this.client = client;
  }

  void publish(AgentCapability about, EventReason reason, String message, Instant now) {
    publish(
        new ObjectReferenceBuilder()
            .withApiVersion(about.getApiVersion())
            .withKind(about.getKind())
            .withNamespace(about.getMetadata().getNamespace())
            .withName(about.getMetadata().getName())
            .withUid(about.getMetadata().getUid())
            .build(),
        reason,
        message,
        now);
  }

  /** Sends one about any object. Blocks. */
  public void publish(ObjectReference about, EventReason reason, String message, Instant now) {
    String time = now.truncatedTo(ChronoUnit.SECONDS).toString();
    Event event =
        new EventBuilder()
            .withNewMetadata()
            .withNamespace(about.getNamespace())
            .withName(about.getName() + "." + Long.toHexString(now.toEpochMilli()))
            .endMetadata()
            .withInvolvedObject(about)
            .withType(reason.type())
            .withReason(reason.name())
            .withMessage(message.length() > 1024 ? message.substring(0, 1024) : message)
            .withFirstTimestamp(time)
            .withLastTimestamp(time)
            .withCount(1)
            .withNewSource()
            .withComponent(COMPONENT)
            .endSource()
            .withReportingComponent(COMPONENT)
            .withReportingInstance(COMPONENT)
            .build();
    try {
      client.resource(event).create();
    } catch (KubernetesClientException e) {
      LOG.atDebug()
          .addKeyValue("reason", reason)
          .addKeyValue("cause", e.getMessage())
          .log("couldn't send an Event");
    }
  }
}

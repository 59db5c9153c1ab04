package dev.writ.operator.records;

import dev.writ.contract.MalformedException;
import dev.writ.contract.Names;
import dev.writ.operator.cluster.SecretStore;
import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.io.IOException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Map;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Takes over what is stored as keys of the log, and makes a new one when asked, or when its time
 * has come: stored first, then recorded, then told to auditors, then used. A crash between two of
 * these costs nothing: the next look, or start, goes on from what is stored. (audit.md, Log)
 */
public final class LogKeyRotation {
  private static final Logger LOG = LoggerFactory.getLogger(LogKeyRotation.class);

  private final KubernetesClient client;
  private final String namespace;
  private final SecretStore secrets;
  private final LogService log;
  private final Optional<Duration> lifetime;
  private final InstantSource clock;
  private volatile String problem = "";

  /**
   * Of the log that is open.
   *
   * @param lifetime after which a key is followed by another; empty: only when somebody asks
   */
  public LogKeyRotation(
      KubernetesClient client,
      String namespace,
      SecretStore secrets,
      LogService log,
      Optional<Duration> lifetime,
      InstantSource clock) {
    this.client = client;
    this.namespace = namespace;
    this.secrets = secrets;
    this.log = log;
    this.lifetime = lifetime;
    this.clock = clock;
  }

  /** Why what is stored is not used; empty when it is. */
  public String problem() {
    return problem;
  }

  /** Looks once. What can't be used is left alone, and the keys in use stay. */
  public synchronized void look() {
    try {
      Map<String, String> values =
          secrets
              .load(LogKeys.SECRET)
              .orElseThrow(
                  () ->
                      new MalformedException(
                          "Secret " + LogKeys.SECRET + " is gone: restore it before a restart"));
      if (asked()) {
        Map<String, String> next = LogKeys.rotated(values, clock.instant());
        // Taken down first: asked once, a crash may rotate not at all, but never again and again.
        answered();
        if (!secrets.swap(LogKeys.SECRET, values, next)) {
          throw new IOException("the Secret was changed meanwhile: ask again");
        }
        values = next;
      } else if (lifetime.isPresent()) {
        Map<String, String> next = LogKeys.aged(values, lifetime.get(), clock.instant());
        // Where somebody else was faster, the next look goes on from there.
        if (!next.equals(values) && secrets.swap(LogKeys.SECRET, values, next)) {
          values = next;
        }
      }
      LogKeys stored = LogKeys.parse(values);
      if (!stored.isSameAs(log.keys())) {
        log.rotate(stored, () -> PublishedKey.publish(client, namespace, stored));
        LOG.atInfo().addKeyValue("keys", stored).log("other keys sign the log");
      }
      solved();
    } catch (MalformedException | IOException | RuntimeException e) {
      complain(String.valueOf(e.getMessage()));
    }
  }

  private boolean asked() {
    ConfigMap map = client.configMaps().inNamespace(namespace).withName(PublishedKey.NAME).get();
    return map != null
        && map.getMetadata().getAnnotations() != null
        && map.getMetadata().getAnnotations().containsKey(Names.ROTATE_KEY);
  }

  private void answered() {
    client
        .configMaps()
        .inNamespace(namespace)
        .withName(PublishedKey.NAME)
        .edit(
            map -> {
              map.getMetadata().getAnnotations().remove(Names.ROTATE_KEY);
              return map;
            });
  }

  private void complain(String cause) {
    if (!cause.equals(problem)) {
      problem = cause;
      LOG.atError()
          .addKeyValue("cause", cause)
          .log("couldn't take over the keys of the log; those before sign");
    }
  }

  private void solved() {
    if (!problem.isEmpty()) {
      problem = "";
      LOG.atInfo().log("the keys of the log can be used again");
    }
  }
}

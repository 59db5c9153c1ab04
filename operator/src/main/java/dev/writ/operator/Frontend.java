package dev.writ.operator;

import dev.writ.operator.cluster.EnforcedNamespaces;
import dev.writ.operator.cluster.SecretStore;
import dev.writ.operator.cluster.TrustMaps;
import dev.writ.operator.cluster.WebhookBundle;
import dev.writ.operator.config.Configuration;
import dev.writ.operator.control.ControlApi;
import dev.writ.operator.control.HttpsListener;
import dev.writ.operator.inject.AdmissionHandler;
import dev.writ.operator.inject.InjectionSettings;
import dev.writ.operator.inject.PodMutator;
import dev.writ.operator.inject.Rehearsal;
import dev.writ.operator.reconcile.EventPublisher;
import dev.writ.operator.tls.ServingCertificate;
import dev.writ.operator.tls.ServingNames;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.io.IOException;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What every replica does, whether it leads or not: it answers the webhook, and keeps the
 * certificate that it is served with and the trust in it. (architecture.md, Operator replicas)
 */
final class Frontend implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Frontend.class);

  /** Buckets of the webhook's own histogram. (R3) */
  private static final Duration[] ANSWERED_WITHIN = {
    Duration.ofMillis(2),
    Duration.ofMillis(5),
    Duration.ofMillis(10),
    Duration.ofMillis(25),
    Duration.ofMillis(50),
    Duration.ofMillis(100),
    Duration.ofMillis(500)
  };

  private static final Duration LOOK_AGAIN = Duration.ofSeconds(2);

  /** For the last answer on each connection that is in use. */
  private static final Duration LEAVING = Duration.ofSeconds(2);

  /** What admissions bring about; the API server does not wait for it. */
  private final ExecutorService background =
      Executors.newFixedThreadPool(3, Thread.ofPlatform().name("admitted-", 0).daemon().factory());

  private final KubernetesClient client;
  private final MeterRegistry metrics;
  private final EnforcedNamespaces enforced;
  private final ServingCertificate certificate;
  private final TrustMaps trust;
  private final HttpsListener listener;
  private final InjectionEvents events;

  /** Whether there are other replicas for callers to go to. */
  private final boolean others;

  /** What was last logged of the certificate; it is looked at every few seconds. */
  private volatile String problem = "";

  private Frontend(
      Configuration configuration,
      KubernetesClient client,
      Clock clock,
      MeterRegistry metrics,
      ServingCertificate certificate,
      Supplier<String> missing)
      throws IOException, GeneralSecurityException {
    this.client = client;
    this.metrics = metrics;
    this.certificate = certificate;
    others = configuration.podName().isPresent();
    trust = new TrustMaps(client, certificate::authorities, background);
    trust.need(configuration.namespace());
    events = new InjectionEvents(new EventPublisher(client)::publish, background, clock);
    enforced = new EnforcedNamespaces(client);
    PodMutator mutator =
        new PodMutator(
            InjectionSettings.of(
                configuration.sidecarImage(),
                configuration.operatorUrl(),
                configuration.trustDomain()));
    listener =
        ControlApi.webhook(
            configuration.listen().resolve(),
            certificate.sslContext(),
            new AdmissionHandler(mutator, enforced::contains, this::admitted),
            Timer.builder("writ.admission")
                .description("From the whole review to its whole answer")
                .serviceLevelObjectives(ANSWERED_WITHIN)
                .register(metrics),
            missing);
    Rehearsal.play(mutator);
    metrics.gauge(
        "writ_serving_certificate_not_after_seconds",
        certificate,
        served -> served.until().getEpochSecond());
    metrics.gauge("writ_serving_certificate_renewable", this, own -> own.problem.isEmpty() ? 1 : 0);
    metrics.gauge("writ_enforced_namespaces_watched", enforced, view -> view.healthy() ? 1 : 0);
  }

  /**
   * Answers from the return of this on. Where somebody else issues the certificate, that is when
   * there is one.
   *
   * @param readiness of this replica
   * @throws IOException if the address can't be used
   * @throws GeneralSecurityException if a Secret with a certificate can't be used
   */
  static Frontend start(
      Configuration configuration,
      KubernetesClient client,
      Clock clock,
      MeterRegistry metrics,
      Readiness readiness)
      throws IOException, GeneralSecurityException {
    ServingCertificate certificate = certificate(configuration, client, clock, readiness);
    Frontend frontend =
        new Frontend(configuration, client, clock, metrics, certificate, readiness::missing);
    frontend.listener.start();
    return frontend;
  }

  private static ServingCertificate certificate(
      Configuration configuration, KubernetesClient client, Clock clock, Readiness readiness)
      throws IOException, GeneralSecurityException {
    SecretStore secrets = new SecretStore(client, configuration.namespace());
    ServingNames names = servingNames(configuration);
    if (configuration.servingSecret().isEmpty()) {
      return ServingCertificate.own(secrets, names, new SecureRandom(), clock);
    }
    String secret = configuration.servingSecret().get();
    while (true) {
      try {
        return ServingCertificate.issued(secrets, secret, names, clock);
      } catch (GeneralSecurityException e) {
        if (readiness.waitFor(String.valueOf(e.getMessage()))) {
          LOG.atWarn()
              .addKeyValue("cause", e.getMessage())
              .log("waiting for a certificate to serve the webhook with");
        }
      }
      pause();
    }
  }

  private static void pause() throws IOException {
    try {
      Thread.sleep(LOOK_AGAIN);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted while waiting for a certificate", e);
    }
  }

  /** What the leader answers sidecars through, beside the webhook. */
  HttpsListener listener() {
    return listener;
  }

  TrustMaps trust() {
    return trust;
  }

  /** Takes over changed Secrets, and tells everybody who has to trust them. Blocks. */
  void refresh() {
    look();
    publish();
  }

  /**
   * As {@link #refresh}, but nobody is told what they were told before: for every few seconds.
   * Blocks.
   */
  void refreshIfChanged() {
    if (look()) {
      publish();
    }
  }

  private boolean look() {
    try {
      boolean changed = certificate.refresh();
      problem = "";
      return changed;
    } catch (GeneralSecurityException e) {
      String cause = String.valueOf(e.getMessage());
      if (!cause.equals(problem)) {
        LOG.atError()
            .addKeyValue("cause", cause)
            .log("couldn't take over a changed Secret; the one before stays in use");
      }
      problem = cause;
      return false;
    }
  }

  private void publish() {
    trust.refresh();
    new WebhookBundle(client).publish(certificate.authorities());
  }

  private void admitted(AdmissionHandler.Outcome outcome) {
    metrics
        .counter(
            "writ_admissions_total", "result", outcome.result().name().toLowerCase(Locale.ROOT))
        .increment();
    events.admitted(outcome);
    if (outcome.result() == AdmissionHandler.Result.INJECTED && !outcome.dryRun()) {
      trust.need(outcome.namespace());
    }
  }

  private static ServingNames servingNames(Configuration configuration) {
    String service = "writ-operator." + configuration.namespace();
    List<String> called = new ArrayList<>(List.of(configuration.operatorUrl().getHost()));
    called.addAll(configuration.servingNames());
    return new ServingNames(
        called,
        List.of(service + ".svc", service + ".svc." + configuration.trustDomain(), service));
  }

  /**
   * Has callers go elsewhere from now on. The webhook is answered until this is closed; sidecars
   * are not, as nothing can be recorded for them while the rest ends.
   */
  void leave() {
    listener.withdraw();
    if (others) {
      listener.leave();
    }
  }

  /** Whoever is at it is answered; so a replica among others takes two seconds. */
  @Override
  public void close() {
    leave();
    if (others) {
      pauseToLeave();
    }
    listener.close();
    background.shutdown();
    try {
      if (!background.awaitTermination(LEAVING.toSeconds(), TimeUnit.SECONDS)) {
        LOG.atWarn().log("couldn't do all that the last admissions asked for; the leader will");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    enforced.close();
  }

  private static void pauseToLeave() {
    try {
      Thread.sleep(LEAVING);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}

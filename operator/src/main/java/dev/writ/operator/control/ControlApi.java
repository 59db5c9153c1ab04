package dev.writ.operator.control;

import dev.writ.audit.log.LogSource;
import dev.writ.contract.MalformedException;
import dev.writ.contract.Names;
import dev.writ.contract.document.TrustBundle;
import dev.writ.contract.key.Ed25519;
import dev.writ.contract.key.PublicKey;
import dev.writ.contract.quota.AllowanceRequest;
import dev.writ.operator.cluster.ClusterView;
import dev.writ.operator.cluster.InjectedPod;
import dev.writ.operator.counting.LedgerDesk;
import dev.writ.operator.inject.AdmissionHandler;
import dev.writ.operator.issue.Issuer;
import dev.writ.operator.issue.PodStates;
import dev.writ.operator.records.RecordLog;
import dev.writ.operator.revoke.Epochs;
import dev.writ.operator.revoke.SignedList;
import io.micrometer.core.instrument.Timer;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.util.HashMap;
import java.util.Map;
import java.util.function.BiConsumer;
import java.util.function.Supplier;
import javax.net.ssl.SSLContext;

/**
 * Everything that is served over HTTPS: the Control API for sidecars, and the webhook for the API
 * server.
 */
public final class ControlApi {
  /**
   * An AdmissionReview carries a whole pod, and etcd takes objects of 1.5 MiB; with room for the
   * review around it.
   */
  private static final int MAX_REVIEW = 4 << 20;

  private ControlApi() {}

  /**
   * What the API offers.
   *
   * @param log what everyone may read of it is served
   * @param trust keys that verifiers accept
   * @param current the revocation list that is out
   * @param applied hears how far each sidecar is
   * @param revokedKey hears of the keys of revoked pods that try to enrol
   */
  public record Parts(
      TokenReviewer reviewer,
      ClusterView cluster,
      Issuer issuer,
      PodStates pods,
      EventHub hub,
      RecordLog records,
      LogSource log,
      LedgerDesk ledgers,
      Supplier<TrustBundle> trust,
      Supplier<SignedList> current,
      Epochs epochs,
      BiConsumer<InjectedPod, Long> applied,
      BiConsumer<InjectedPod, PublicKey> revokedKey,
      Clock clock) {}

  /**
   * Binds the server of the webhook, which every replica has; the caller starts it.
   *
   * @param timer of each admission
   * @param missing what keeps requests from being answered; empty: nothing
   * @throws IOException if the address can't be bound
   */
  public static HttpsListener webhook(
      InetSocketAddress address,
      SSLContext tls,
      AdmissionHandler admission,
      Timer timer,
      Supplier<String> missing)
      throws IOException {
    Map<String, HttpsListener.Route> routes = new HashMap<>(health(missing));
    routes.put(
        Names.ADMIT_PODS_PATH,
        new HttpsListener.Route.Whole(
            "POST", MAX_REVIEW, request -> admit(admission, timer, request)));
    return new HttpsListener(address, tls, routes).awaitingMore();
  }

  /** Answers sidecars from now on, beside the webhook: the leader's part. */
  public static void serve(HttpsListener listener, Parts parts) {
    Authenticator authenticator =
        new Authenticator(parts.reviewer, parts.cluster::pod, parts.clock);
    Map<String, HttpsListener.Route> routes = new HashMap<>();
    routes.put(
        Names.ENROL_PATH,
        new HttpsListener.Route.Whole(
            "POST",
            EnrolEndpoint.MAX_BODY,
            new EnrolEndpoint(
                authenticator,
                parts.issuer,
                Ed25519.bouncyCastle(),
                parts.trust,
                () -> parts.current.get().jws(),
                parts.revokedKey::accept)));
    routes.put(
        Names.RECORDS_PATH,
        new HttpsListener.Route.Whole(
            "POST",
            RecordsEndpoint.MAX_BODY,
            new RecordsEndpoint(authenticator, parts.records, parts.applied::accept)));
    routes.put(Names.LOG_PATH, new HttpsListener.Route.Below("GET", new LogFiles(parts.log)));
    routes.put(
        Names.ALLOWANCES_PATH,
        new HttpsListener.Route.Whole(
            "POST",
            AllowanceRequest.MAX_BYTES,
            new AllowancesEndpoint(authenticator, parts.ledgers)));
    routes.put(
        Names.EVENTS_PATH,
        new HttpsListener.Route.Stream(
            "GET",
            new EventsEndpoint(
                authenticator, parts.hub, parts.current, parts.pods, parts.epochs, parts.clock)));
    routes.put(
        Names.TRUST_PATH,
        get(_ -> Reply.json(200, parts.trust.get().toJson().getBytes(StandardCharsets.UTF_8))));
    listener.add(routes);
  }

  /**
   * Binds the plain server of health and metrics.
   *
   * @param missing what keeps requests from being answered; empty: nothing
   * @param scrape metrics in Prometheus' text format
   */
  public static HttpsListener admin(
      InetSocketAddress address, Supplier<String> missing, Supplier<String> scrape)
      throws IOException {
    Map<String, HttpsListener.Route> routes = new HashMap<>(health(missing));
    routes.put(Names.METRICS_PATH, get(_ -> Reply.text(200, scrape.get())));
    return new HttpsListener(address, null, routes);
  }

  private static Map<String, HttpsListener.Route> health(Supplier<String> missing) {
    return Map.of(
        Names.HEALTH_PATH,
        get(_ -> Reply.text(200, "ok\n")),
        Names.READY_PATH,
        get(
            _ -> {
              String what = missing.get();
              return what.isEmpty()
                  ? Reply.text(200, "ready\n")
                  : Reply.text(503, "not ready: " + what + "\n");
            }));
  }

  private static HttpsListener.Route get(Endpoint endpoint) {
    return new HttpsListener.Route.Whole("GET", 0, endpoint);
  }

  private static Reply admit(AdmissionHandler admission, Timer timer, Request request)
      throws ControlException {
    Timer.Sample sample = Timer.start();
    try {
      return Reply.json(200, admission.handle(request.body()));
    } catch (MalformedException e) {
      throw new ControlException(ControlError.MALFORMED, String.valueOf(e.getMessage()));
    } finally {
      sample.stop(timer);
    }
  }
}

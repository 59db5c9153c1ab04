package dev.writ.operator.control;

import dev.writ.contract.Base64Url;
import dev.writ.contract.Digests;
import dev.writ.contract.MalformedException;
import dev.writ.contract.json.JsonValue.JsonNumber;
import dev.writ.contract.json.JsonValue.JsonObject;
import dev.writ.contract.json.StrictJson;
import dev.writ.operator.cluster.InjectedPod;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.time.Clock;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * From a bearer token to the pod that may use the Control API: the token is good and for us, the
 * pod it is bound to exists with that UID, was injected and is not on its way out.
 * (architecture.md, Enrol)
 */
final class Authenticator {
  private static final Logger LOG = LoggerFactory.getLogger(Authenticator.class);

  /** How long an accepted token is not asked about again, seconds. */
  private static final long REMEMBERED_SECONDS = 30;

  private static final int MAX_REMEMBERED = 10_000;
  private static final int MAX_TOKEN = 16 * 1024;
  private static final String SCHEME = "Bearer ";

  private final TokenReviewer reviewer;
  private final Pods pods;
  private final Clock clock;
  private final Map<String, Remembered> remembered =
      new LinkedHashMap<>(16, 0.75f, true) {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Remembered> eldest) {
          return size() > MAX_REMEMBERED;
        }
      };

  private record Remembered(TokenReviewer.Bearer bearer, long until) {}

  /** Looks a pod up by all three of its names. */
  @FunctionalInterface
  interface Pods {
    Optional<InjectedPod> find(String namespace, String name, String uid);
  }

  Authenticator(TokenReviewer reviewer, Pods pods, Clock clock) {
    this.reviewer = reviewer;
    this.pods = pods;
    this.clock = clock;
  }

  /** Who calls; anything short of that is a refusal. */
  Caller authenticate(List<String> authorization) throws ControlException {
    return authenticate(authorization, false);
  }

  /**
   * The same, but a pod on its way out may call too: it settles what it counted and ships what it
   * recorded when it is told to stop, and then it is terminating already.
   */
  Caller authenticateEnding(List<String> authorization) throws ControlException {
    return authenticate(authorization, true);
  }

  /** The same as the first, but a revoked pod passes: what it shows has to be looked at. */
  Caller evenIfRevoked(List<String> authorization) throws ControlException {
    Caller caller = authenticate(authorization, true);
    if (caller.pod().refusal() != null && !caller.pod().revoked()) {
      throw new ControlException(ControlError.NOT_ALLOWED, caller.pod().refusal());
    }
    return caller;
  }

  private Caller authenticate(List<String> authorization, boolean ending) throws ControlException {
    String token = token(authorization);
    long now = clock.instant().getEpochSecond();
    long expires = expiry(token);
    if (expires <= now) {
      throw new ControlException(ControlError.UNAUTHENTICATED, "the token has expired");
    }
    String digest = Base64Url.encode(Digests.sha256(token));
    TokenReviewer.Bearer bearer = bearer(token, digest, now, expires);
    InjectedPod pod =
        pods.find(bearer.namespace(), bearer.podName(), bearer.podUid())
            .orElseThrow(
                () ->
                    new ControlException(
                        ControlError.NOT_ALLOWED, "the pod of the token does not exist"));
    if (!pod.serviceAccount().equals(bearer.serviceAccount())) {
      throw new ControlException(
          ControlError.NOT_ALLOWED, "the pod runs as another service account");
    }
    if (pod.refusal() != null && !(ending && pod.ending())) {
      throw new ControlException(ControlError.NOT_ALLOWED, pod.refusal());
    }
    return new Caller(pod, digest, expires);
  }

  private TokenReviewer.Bearer bearer(String token, String digest, long now, long expires)
      throws ControlException {
    synchronized (remembered) {
      Remembered known = remembered.get(digest);
      if (known != null && known.until > now) {
        return known.bearer;
      }
    }
    Optional<TokenReviewer.Bearer> bearer;
    try {
      bearer = reviewer.review(token);
    } catch (KubernetesClientException e) {
      LOG.atWarn().addKeyValue("cause", e.getMessage()).log("couldn't review a token");
      throw new ControlException(
          ControlError.UNAVAILABLE, "the API server could not be asked about the token");
    }
    TokenReviewer.Bearer good =
        bearer.orElseThrow(
            () ->
                new ControlException(
                    ControlError.UNAUTHENTICATED,
                    "not a token for audience writ.dev that is bound to a pod"));
    synchronized (remembered) {
      remembered.put(digest, new Remembered(good, Math.min(now + REMEMBERED_SECONDS, expires)));
    }
    return good;
  }

  private static String token(List<String> authorization) throws ControlException {
    if (authorization.size() != 1 || !authorization.getFirst().startsWith(SCHEME)) {
      throw new ControlException(
          ControlError.UNAUTHENTICATED, "one Authorization header with a Bearer token is needed");
    }
    String token = authorization.getFirst().substring(SCHEME.length());
    if (token.isEmpty() || token.length() > MAX_TOKEN || !token.matches("[A-Za-z0-9._-]+")) {
      throw new ControlException(ControlError.UNAUTHENTICATED, "the token is not a JWT");
    }
    return token;
  }

  /**
   * Read without trust, and used only to believe less: the API server is the one that checks it.
   */
  private static long expiry(String token) throws ControlException {
    String[] parts = token.split("\\.", -1);
    try {
      if (parts.length == 3
          && StrictJson.body(Base64Url.decode(parts[1])) instanceof JsonObject claims
          && claims.get("exp") instanceof JsonNumber exp) {
        return exp.value().longValue();
      }
    } catch (MalformedException e) {
      throw new ControlException(ControlError.UNAUTHENTICATED, "the token is not a JWT");
    }
    throw new ControlException(ControlError.UNAUTHENTICATED, "the token has no expiry");
  }
}

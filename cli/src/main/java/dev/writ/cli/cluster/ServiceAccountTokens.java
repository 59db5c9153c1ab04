package dev.writ.cli.cluster;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.writ.contract.key.Ed25519;
import dev.writ.contract.key.PrivateKey;
import io.fabric8.kubernetes.api.model.Pod;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;

/**
 * Projected service account tokens as a kubelet gets them, and the API server's answer about them
 * (TokenReview, {@code authentication.k8s.io/v1}). The signing key lives as long as this object.
 */
final class ServiceAccountTokens {
  private static final String ISSUER = "https://kubernetes.default.svc.cluster.local";
  private static final ObjectMapper JSON = new ObjectMapper();

  private final PrivateKey key = PrivateKey.generate();
  private final Ed25519 verifier = Ed25519.bouncyCastle();
  private final InstantSource clock;

  ServiceAccountTokens(InstantSource clock) {
    this.clock = clock;
  }

  /** A JWT that binds the pod's service account to the pod, for one audience. */
  String mint(Pod pod, String audience, Duration lifetime) {
    long now = clock.instant().getEpochSecond();
    String namespace = pod.getMetadata().getNamespace();
    String account = accountOf(pod);
    ObjectNode claims = JSON.createObjectNode();
    claims.putArray("aud").add(audience);
    claims.put("iss", ISSUER).put("iat", now).put("nbf", now);
    claims.put("exp", now + lifetime.toSeconds());
    claims.put("sub", "system:serviceaccount:" + namespace + ":" + account);
    ObjectNode kubernetes = claims.putObject("kubernetes.io").put("namespace", namespace);
    kubernetes
        .putObject("pod")
        .put("name", pod.getMetadata().getName())
        .put("uid", pod.getMetadata().getUid());
    kubernetes.putObject("serviceaccount").put("name", account);
    String input =
        encode("{\"alg\":\"EdDSA\",\"kid\":\"demo\",\"typ\":\"JWT\"}")
            + "."
            + encode(claims.toString());
    return input + "." + encode(key.sign(input.getBytes(StandardCharsets.US_ASCII)));
  }

  /**
   * Answers a TokenReview.
   *
   * @param review the posted object
   * @return the same kind with a status; a token that is not ours, expired or for another audience
   *     is not authenticated
   */
  JsonNode review(String review) {
    ObjectNode answer = JSON.createObjectNode();
    answer.put("apiVersion", "authentication.k8s.io/v1").put("kind", "TokenReview");
    ObjectNode status = answer.putObject("status");
    try {
      JsonNode spec = JSON.readTree(review).path("spec");
      JsonNode claims = claims(spec.path("token").asText());
      List<String> audiences = common(spec.path("audiences"), claims.path("aud"));
      if (audiences.isEmpty()) {
        throw new IllegalArgumentException("token audiences do not match");
      }
      fill(status, claims, audiences);
    } catch (IllegalArgumentException | JsonProcessingException e) {
      status.removeAll();
      status.put("authenticated", false).put("error", "invalid bearer token: " + e.getMessage());
    }
    return answer;
  }

  private static void fill(ObjectNode status, JsonNode claims, List<String> audiences) {
    JsonNode kubernetes = claims.path("kubernetes.io");
    String namespace = kubernetes.path("namespace").asText();
    status.put("authenticated", true);
    ObjectNode user = status.putObject("user").put("username", claims.path("sub").asText());
    user.putArray("groups")
        .add("system:serviceaccounts")
        .add("system:serviceaccounts:" + namespace)
        .add("system:authenticated");
    ObjectNode extra = user.putObject("extra");
    extra
        .putArray("authentication.kubernetes.io/pod-name")
        .add(kubernetes.path("pod").path("name").asText());
    extra
        .putArray("authentication.kubernetes.io/pod-uid")
        .add(kubernetes.path("pod").path("uid").asText());
    audiences.forEach(status.putArray("audiences")::add);
  }

  private JsonNode claims(String token) throws JsonProcessingException {
    String[] parts = token.split("\\.", -1);
    if (parts.length != 3) {
      throw new IllegalArgumentException("not a JWT");
    }
    byte[] input = (parts[0] + "." + parts[1]).getBytes(StandardCharsets.US_ASCII);
    byte[] signature = Base64.getUrlDecoder().decode(parts[2]);
    if (signature.length != 64 || !verifier.verify(key.publicKey(), input, signature)) {
      throw new IllegalArgumentException("signature");
    }
    JsonNode claims =
        JSON.readTree(new String(Base64.getUrlDecoder().decode(parts[1]), StandardCharsets.UTF_8));
    if (clock.instant().getEpochSecond() >= claims.path("exp").asLong()) {
      throw new IllegalArgumentException("token has expired");
    }
    return claims;
  }

  /**
   * What both name; a review that names none is for the API server itself, which is none of ours.
   */
  private static List<String> common(JsonNode asked, JsonNode granted) {
    List<String> common = new ArrayList<>();
    for (JsonNode one : asked) {
      for (JsonNode other : granted) {
        if (one.equals(other)) {
          common.add(one.asText());
        }
      }
    }
    return common;
  }

  static String accountOf(Pod pod) {
    String account = pod.getSpec().getServiceAccountName();
    return account == null || account.isEmpty() ? "default" : account;
  }

  private static String encode(String text) {
    return encode(text.getBytes(StandardCharsets.UTF_8));
  }

  private static String encode(byte[] bytes) {
    return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
  }
}

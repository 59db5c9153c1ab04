package dev.writ.operator.reconcile;

import dev.writ.contract.MalformedException;
import dev.writ.contract.document.RootContract;
import dev.writ.contract.document.TrustBundle;
import dev.writ.contract.key.Ed25519;
import dev.writ.contract.key.Signer;
import dev.writ.operator.capability.Minting;
import dev.writ.operator.capability.Outside;
import dev.writ.operator.capability.Reason;
import dev.writ.operator.capability.Terms;
import dev.writ.v1alpha1.AgentCapability;
import io.fabric8.kubernetes.api.model.OwnerReferenceBuilder;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.SecretBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.net.HttpURLConnection;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Base64;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Predicate;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Keeps the contract of an agent outside the cluster in the Secret that its capability names:
 * minted when it may be, renewed before it ends, gone when it may not be. A Secret that is not the
 * capability's own is never written, read or removed. (crd.md, source)
 */
final class OutsideContracts {
  /** Entry of the Secret: the contract, a compact JWS. */
  static final String CONTRACT = "contract";

  /** Entry of the Secret: when it ends, RFC 3339. */
  static final String EXPIRES = "expires";

  /** A third of its life is left to whoever fetches it. Seconds. */
  private static final long RENEW_BEFORE = Minting.CONTRACT_SECONDS / 3;

  private final KubernetesClient client;
  private final Supplier<Signer> signer;
  private final Supplier<TrustBundle> trust;
  private final Supplier<String> ids;
  private final Predicate<String> revoked;

  /**
   * Names of the Secrets that were written, by cid: a spec that names another leaves one behind.
   */
  private final Map<String, String> written = new ConcurrentHashMap<>();

  /**
   * Keeps contracts.
   *
   * @param trust what verifiers accept
   * @param ids fresh lower-case UUIDs
   * @param revoked whether the contract of that jti is revoked
   */
  OutsideContracts(
      KubernetesClient client,
      Supplier<Signer> signer,
      Supplier<TrustBundle> trust,
      Supplier<String> ids,
      Predicate<String> revoked) {
    this.client = client;
    this.signer = signer;
    this.trust = trust;
    this.ids = ids;
    this.revoked = revoked;
  }

  /** What became of a contract. */
  sealed interface Outcome {
    /** There is none, and there is not to be one. */
    record None() implements Outcome {}

    /**
     * It is in its Secret.
     *
     * @param made whether the Secret is new
     */
    record Held(boolean made) implements Outcome {}

    /** It can't be; the message says what to change. */
    record Blocked(Reason reason, String message) implements Outcome {}
  }

  /**
   * Sees to one capability.
   *
   * @param grants the terms, if contracts may be minted from them now
   */
  Outcome keep(AgentCapability capability, Optional<Terms> grants, Instant now) {
    String cid = capability.getMetadata().getUid();
    String namespace = capability.getMetadata().getNamespace();
    Outside outside = grants.map(Terms::outside).orElse(null);
    String named = outside == null ? secretName(capability) : outside.secretName();
    try {
      String former = written.get(cid);
      if (former != null && !former.equals(named)) {
        remove(namespace, former, cid);
        written.remove(cid);
      }
      if (outside == null || grants.isEmpty()) {
        if (named != null) {
          remove(namespace, named, cid);
        }
        return new Outcome.None();
      }
      return place(capability, grants.get(), outside, now);
    } catch (KubernetesClientException e) {
      if (e.getCode() == HttpURLConnection.HTTP_FORBIDDEN) {
        return new Outcome.Blocked(
            Reason.SECRET_FORBIDDEN,
            "The operator may not write Secret "
                + named
                + " in namespace "
                + namespace
                + ": give it get, create, update and delete on secrets there (docs/client.md).");
      }
      throw e;
    }
  }

  /** The capability is deleted: its Secret goes at once, not only when the cluster cleans up. */
  void gone(AgentCapability capability) {
    String cid = capability.getMetadata().getUid();
    String named = secretName(capability);
    written.remove(cid);
    if (named == null) {
      return;
    }
    try {
      remove(capability.getMetadata().getNamespace(), named, cid);
    } catch (KubernetesClientException e) {
      if (e.getCode() != HttpURLConnection.HTTP_FORBIDDEN) {
        throw e;
      }
    }
  }

  private Outcome place(AgentCapability capability, Terms terms, Outside outside, Instant now) {
    String cid = terms.subject().cid();
    String namespace = terms.subject().namespace();
    Secret present = read(namespace, outside.secretName());
    if (present != null && !owned(present, cid)) {
      return new Outcome.Blocked(
          Reason.SECRET_NOT_OURS,
          "Secret "
              + outside.secretName()
              + " exists and is not this capability's: write another contractSecretName, or remove"
              + " the Secret.");
    }
    long seconds = now.getEpochSecond();
    if (present == null || !good(present, terms, outside, seconds)) {
      RootContract contract = Minting.mint(terms, outside.key(), ids.get(), seconds);
      Secret next = secret(capability, outside, contract, present);
      try {
        var _ = present == null ? client.resource(next).create() : client.resource(next).update();
      } catch (KubernetesClientException e) {
        if (e.getCode() != HttpURLConnection.HTTP_CONFLICT) {
          throw e;
        }
        // Somebody was faster: whose it is now is seen with the next look.
        return place(capability, terms, outside, now, e);
      }
    }
    written.put(cid, outside.secretName());
    return new Outcome.Held(present == null);
  }

  private Outcome place(
      AgentCapability capability,
      Terms terms,
      Outside outside,
      Instant now,
      KubernetesClientException conflict) {
    Secret present = read(terms.subject().namespace(), outside.secretName());
    if (present == null || owned(present, terms.subject().cid())) {
      throw conflict;
    }
    return place(capability, terms, outside, now);
  }

  /** Whether the contract in the Secret says what it should, counts, and lasts for a while. */
  private boolean good(Secret present, Terms terms, Outside outside, long now) {
    String encoded = present.getData() == null ? null : present.getData().get(CONTRACT);
    if (encoded == null) {
      return false;
    }
    try {
      String jws = new String(Base64.getDecoder().decode(encoded), StandardCharsets.UTF_8);
      RootContract contract = RootContract.parse(jws, trust.get(), Ed25519.bouncyCastle());
      long wanted = Math.min(now + RENEW_BEFORE, terms.notAfter().orElse(Long.MAX_VALUE));
      return contract.cid().equals(terms.subject().cid())
          && contract.gen() == terms.subject().generation()
          && contract.holder().equals(outside.key())
          && contract.sub().equals(terms.source().toString())
          && contract.aud().equals(terms.target().toString())
          && contract.exp() >= wanted
          && !revoked.test(contract.jti());
    } catch (MalformedException | IllegalArgumentException e) {
      // Edited by hand, or signed with a key that was revoked.
      return false;
    }
  }

  private Secret secret(
      AgentCapability capability,
      Outside outside,
      RootContract contract,
      @Nullable Secret present) {
    Map<String, String> data =
        Map.of(
            CONTRACT,
            base64(contract.sign(signer.get())),
            EXPIRES,
            base64(Instant.ofEpochSecond(contract.exp()).toString()));
    if (present != null) {
      return new SecretBuilder(present).withData(data).build();
    }
    return new SecretBuilder()
        .withNewMetadata()
        .withNamespace(capability.getMetadata().getNamespace())
        .withName(outside.secretName())
        .addToLabels("app.kubernetes.io/managed-by", "writ")
        .addToOwnerReferences(
            new OwnerReferenceBuilder()
                .withApiVersion(capability.getApiVersion())
                .withKind(capability.getKind())
                .withName(capability.getMetadata().getName())
                .withUid(capability.getMetadata().getUid())
                .withController(true)
                .build())
        .endMetadata()
        .withType("Opaque")
        .withData(data)
        .build();
  }

  private void remove(String namespace, String name, String cid) {
    Secret present = read(namespace, name);
    if (present != null && owned(present, cid)) {
      client
          .resource(present)
          .lockResourceVersion(present.getMetadata().getResourceVersion())
          .delete();
    }
  }

  private @Nullable Secret read(String namespace, String name) {
    return client.secrets().inNamespace(namespace).withName(name).get();
  }

  private static boolean owned(Secret secret, String cid) {
    return secret.getMetadata().getOwnerReferences() != null
        && secret.getMetadata().getOwnerReferences().stream()
            .anyMatch(
                owner -> cid.equals(owner.getUid()) && Boolean.TRUE.equals(owner.getController()));
  }

  private static @Nullable String secretName(AgentCapability capability) {
    var spec = capability.getSpec();
    return spec == null || spec.getSource() == null
        ? null
        : spec.getSource().getContractSecretName();
  }

  private static String base64(String text) {
    return Base64.getEncoder().encodeToString(text.getBytes(StandardCharsets.UTF_8));
  }
}

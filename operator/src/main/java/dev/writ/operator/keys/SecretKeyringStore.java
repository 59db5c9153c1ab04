package dev.writ.operator.keys;

import dev.writ.contract.MalformedException;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.SecretBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.net.HttpURLConnection;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The ring in a Secret of the operator's namespace. Its values are never logged. */
public final class SecretKeyringStore implements KeyringStore {
  /** Name of the Secret. */
  public static final String SECRET = "writ-issuer-key";

  private static final String RING = "keyring.json";

  /** A private JWK, for those who bring their own first key; taken over into the ring. */
  private static final String OWN = "current.jwk";

  private final KubernetesClient client;
  private final String namespace;

  /** Needs the right to get, create and update that one Secret. */
  public SecretKeyringStore(KubernetesClient client, String namespace) {
    this.client = client;
    this.namespace = namespace;
  }

  @Override
  public Optional<Stored> load() throws MalformedException {
    Secret secret = read();
    return secret == null ? Optional.empty() : Optional.of(stored(secret));
  }

  @Override
  public Stored save(Keyring ring, String version) throws ConflictException, MalformedException {
    String encoded =
        Base64.getEncoder()
            .encodeToString(KeyringText.print(ring).getBytes(StandardCharsets.UTF_8));
    try {
      if (version.isEmpty()) {
        return stored(client.resource(first(encoded)).create());
      }
      Secret before = read();
      if (before == null || !version.equals(before.getMetadata().getResourceVersion())) {
        throw new ConflictException("Secret " + SECRET + " was changed by somebody else");
      }
      Secret after =
          new SecretBuilder(before)
              .editMetadata()
              .removeFromAnnotations(KeyRequests.REVOKE)
              .removeFromAnnotations(KeyRequests.ROTATE)
              .endMetadata()
              .removeFromData(OWN)
              .addToData(RING, encoded)
              .build();
      return stored(client.resource(after).update());
    } catch (KubernetesClientException e) {
      if (e.getCode() == HttpURLConnection.HTTP_CONFLICT) {
        throw new ConflictException("Secret " + SECRET + " was changed by somebody else");
      }
      throw e;
    }
  }

  private @Nullable Secret read() {
    return client.secrets().inNamespace(namespace).withName(SECRET).get();
  }

  private Secret first(String encoded) {
    return new SecretBuilder()
        .withNewMetadata()
        .withNamespace(namespace)
        .withName(SECRET)
        .addToLabels("app.kubernetes.io/managed-by", "writ")
        .endMetadata()
        .withType("Opaque")
        .addToData(RING, encoded)
        .build();
  }

  private static Stored stored(Secret secret) throws MalformedException {
    return new Stored(
        ring(secret),
        KeyRequests.of(secret.getMetadata().getAnnotations()),
        secret.getMetadata().getResourceVersion());
  }

  private static Keyring ring(Secret secret) throws MalformedException {
    Map<String, String> data = secret.getData() == null ? Map.of() : secret.getData();
    String entry = data.containsKey(RING) ? RING : OWN;
    String encoded = data.get(entry);
    if (encoded == null) {
      throw new MalformedException(
          "Secret " + SECRET + " has neither an entry " + RING + " nor an entry " + OWN);
    }
    try {
      String text = new String(Base64.getDecoder().decode(encoded), StandardCharsets.UTF_8);
      if (entry.equals(RING)) {
        return KeyringText.parse(text);
      }
      ContractSigner.Made own = SecretContractSigner.ofJwk(text.strip());
      return Keyring.first(own.signer().publicKey(), own.reference(), created(secret));
    } catch (MalformedException | IllegalArgumentException e) {
      throw new MalformedException("Secret " + SECRET + ", entry " + entry + ": " + e.getMessage());
    }
  }

  /** A key that somebody brought is as old as the Secret it came in. */
  private static long created(Secret secret) {
    String created = secret.getMetadata().getCreationTimestamp();
    return created == null ? 0 : java.time.Instant.parse(created).getEpochSecond();
  }
}

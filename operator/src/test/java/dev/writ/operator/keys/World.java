package dev.writ.operator.keys;

import dev.writ.contract.MalformedException;
import dev.writ.contract.key.PublicKey;
import dev.writ.contract.key.Signer;
import io.fabric8.kubernetes.api.model.ConfigMapBuilder;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.SecretBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;

/** An API server, a clock, one sidecar, and operators that come and go. */
final class World {
  static final String NAMESPACE = "writ-system";
  static final Duration LIFETIME = Duration.ofDays(30);

  final KubernetesClient client;
  final List<String> complaints = new ArrayList<>();
  final Store store;
  final Keys signers = new Keys();
  long now = 2_000_000_000L;
  long nanos;

  World(KubernetesClient client) {
    this.client = client;
    this.store = new Store(new SecretKeyringStore(client, NAMESPACE));
  }

  Operator operator() throws Exception {
    return new Operator(this);
  }

  /** A real store that fails as asked: not stored, or stored and the answer lost. */
  static final class Store implements KeyringStore {
    private final KeyringStore real;
    int failBefore = -1;
    int failAfter = -1;
    int saves;
    Runnable meanwhile = () -> {};

    Store(KeyringStore real) {
      this.real = real;
    }

    @Override
    public Optional<Stored> load() throws MalformedException {
      return real.load();
    }

    @Override
    public Stored save(Keyring ring, String version) throws ConflictException, MalformedException {
      int number = saves++;
      if (number == failBefore) {
        throw new Crash();
      }
      Runnable once = meanwhile;
      meanwhile = () -> {};
      once.run();
      Stored stored = real.save(ring, version);
      if (number == failAfter) {
        throw new Crash();
      }
      return stored;
    }
  }

  static final class Crash extends RuntimeException {
    private static final long serialVersionUID = 1L;
  }

  /** Keys in the Secret, from a place that may be away; remembers what it was told to destroy. */
  static final class Keys implements ContractSigner {
    private final SecretContractSigner real = new SecretContractSigner();
    final Set<KeyReference> made = new HashSet<>();
    final Set<KeyReference> destroyed = new HashSet<>();
    boolean away;

    @Override
    public String scheme() {
      return real.scheme();
    }

    @Override
    public Made make() throws KeyUnavailableException {
      check();
      Made key = real.make();
      made.add(key.reference());
      return key;
    }

    @Override
    public Signer open(PublicKey key, KeyReference reference) throws KeyUnavailableException {
      check();
      return real.open(key, reference);
    }

    @Override
    public void destroy(KeyReference reference) {
      destroyed.add(reference);
    }

    private void check() throws KeyUnavailableException {
      if (away) {
        throw new KeyUnavailableException("the token is away");
      }
    }
  }

  /** One operator, and the sidecar as it is connected to it. */
  static final class Operator implements Sidecars {
    final Rotation rotation;
    boolean connected = true;
    List<PublicKey> known = List.of();
    int told;
    int signedAgain;
    final List<PublicKey> signedBy = new ArrayList<>();

    Operator(World world) throws Exception {
      rotation =
          Rotation.open(
              new Rotation.Parts(
                  world.store,
                  new KeyNotice(world.client, NAMESPACE),
                  new Signers(world.signers, List.of()),
                  LIFETIME,
                  world.clock(),
                  () -> world.nanos,
                  (complaint, sentence) -> world.complaints.add(complaint + " " + sentence)));
      rotation.reach(this);
    }

    @Override
    public long tell() {
      told++;
      if (connected) {
        known = rotation.keys().trusted();
      }
      return told;
    }

    @Override
    public boolean confirmed(long number) {
      return connected && known.equals(rotation.keys().trusted());
    }

    @Override
    public void signAgain() {
      signedAgain++;
      signedBy.add(rotation.keys().signer().publicKey());
    }

    PublicKey signer() {
      return rotation.keys().signer().publicKey();
    }

    List<PublicKey> trusted() {
      return rotation.keys().trusted();
    }
  }

  Clock clock() {
    Supplier<Instant> instant = () -> Instant.ofEpochSecond(now);
    return new Clock() {
      @Override
      public ZoneId getZone() {
        return ZoneOffset.UTC;
      }

      @Override
      public Clock withZone(ZoneId zone) {
        return this;
      }

      @Override
      public Instant instant() {
        return instant.get();
      }
    };
  }

  /** As {@code kubectl annotate secret}. */
  void annotateSecret(String name, String value) {
    client
        .secrets()
        .inNamespace(NAMESPACE)
        .withName(SecretKeyringStore.SECRET)
        .edit(
            old ->
                new SecretBuilder(old)
                    .editMetadata()
                    .addToAnnotations(name, value)
                    .endMetadata()
                    .build());
  }

  /** As the command line asks. */
  void annotateNotice(String name, String value) {
    client
        .configMaps()
        .inNamespace(NAMESPACE)
        .withName("writ-issuer-keys")
        .edit(
            old ->
                new ConfigMapBuilder(old)
                    .editMetadata()
                    .addToAnnotations(name, value)
                    .endMetadata()
                    .build());
  }

  void write(String text) {
    String encoded = Base64.getEncoder().encodeToString(text.getBytes(StandardCharsets.UTF_8));
    client
        .secrets()
        .inNamespace(NAMESPACE)
        .withName(SecretKeyringStore.SECRET)
        .edit(old -> new SecretBuilder(old).addToData("keyring.json", encoded).build());
  }

  Secret secret() {
    return client.secrets().inNamespace(NAMESPACE).withName(SecretKeyringStore.SECRET).get();
  }

  String text() {
    return new String(
        Base64.getDecoder().decode(secret().getData().get("keyring.json")), StandardCharsets.UTF_8);
  }

  String notice() {
    return client
        .configMaps()
        .inNamespace(NAMESPACE)
        .withName("writ-issuer-keys")
        .get()
        .getData()
        .get("keys.json");
  }
}

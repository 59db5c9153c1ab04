package dev.writ.operator.issue;

import dev.writ.contract.MalformedException;
import dev.writ.contract.document.TrustBundle;
import dev.writ.contract.key.PrivateKey;
import dev.writ.contract.key.PublicKey;
import dev.writ.contract.key.Signer;
import dev.writ.operator.cluster.SecretStore;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * The keys that the issuer signs with and that verifiers trust. Prints thumbprints, never keys.
 * (architecture.md, Sign)
 *
 * @param signer of everything that is signed from now on
 * @param trusted its public half first, then those of other keys whose signatures still count
 */
public record IssuerKeys(Signer signer, List<PublicKey> trusted) {
  /**
   * The Secret: {@code current.jwk} signs; every other entry {@code *.jwk} is trusted, private or
   * public.
   */
  public static final String SECRET = "writ-issuer-key";

  private static final String CURRENT = "current.jwk";
  private static final String SUFFIX = ".jwk";

  /** Copies. */
  public IssuerKeys {
    trusted = List.copyOf(trusted);
  }

  /**
   * Reads the Secret, making it with a new key if there is none.
   *
   * @throws MalformedException if the Secret holds something else; the message names the entry, not
   *     what it holds
   */
  public static IssuerKeys open(SecretStore secrets) throws MalformedException {
    return parse(
        secrets.loadOrCreate(SECRET, () -> Map.of(CURRENT, PrivateKey.generate().toJwk())));
  }

  static IssuerKeys parse(Map<String, String> values) throws MalformedException {
    String current = values.get(CURRENT);
    if (current == null) {
      throw new MalformedException("Secret " + SECRET + " has no entry " + CURRENT);
    }
    PrivateKey signer = named(CURRENT, () -> PrivateKey.fromJwk(current));
    List<PublicKey> trusted = new ArrayList<>(List.of(signer.publicKey()));
    for (Map.Entry<String, String> entry : new TreeMap<>(values).entrySet()) {
      if (entry.getKey().endsWith(SUFFIX) && !entry.getKey().equals(CURRENT)) {
        PublicKey other = named(entry.getKey(), () -> publicKey(entry.getValue()));
        if (!trusted.contains(other)) {
          trusted.add(other);
        }
      }
    }
    return new IssuerKeys(signer, trusted);
  }

  private static PublicKey publicKey(String jwk) throws MalformedException {
    return jwk.contains("\"d\"") ? PrivateKey.fromJwk(jwk).publicKey() : PublicKey.fromJwk(jwk);
  }

  private interface Parser<T> {
    T parse() throws MalformedException;
  }

  private static <T> T named(String entry, Parser<T> parser) throws MalformedException {
    try {
      return parser.parse();
    } catch (MalformedException e) {
      throw new MalformedException("Secret " + SECRET + ", entry " + entry + ": " + e.getMessage());
    }
  }

  /** What verifiers need. */
  public TrustBundle bundle() {
    return TrustBundle.of(trusted);
  }

  @Override
  public String toString() {
    return "IssuerKeys" + trusted;
  }
}

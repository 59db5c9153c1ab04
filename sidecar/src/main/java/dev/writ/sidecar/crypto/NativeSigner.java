package dev.writ.sidecar.crypto;

import com.amazon.corretto.crypto.provider.AmazonCorrettoCryptoProvider;
import dev.writ.contract.key.PrivateKey;
import dev.writ.contract.key.PublicKey;
import dev.writ.contract.key.Signer;
import java.security.GeneralSecurityException;
import java.security.InvalidKeyException;
import java.security.KeyFactory;
import java.security.Signature;
import java.security.SignatureException;
import java.security.spec.EdECPrivateKeySpec;
import java.security.spec.NamedParameterSpec;
import java.util.Arrays;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Signs by AWS-LC through the Corretto provider, at a fifth of the cost of Bouncy Castle. The bytes
 * are the same: Ed25519 leaves a signer no choice. Thread-safe.
 */
public final class NativeSigner implements Signer {
  private static final Logger LOG = LoggerFactory.getLogger(NativeSigner.class);
  private static final byte[] PROBE = {0x72};

  private final PublicKey publicKey;
  private final java.security.PrivateKey key;

  /** Neither thread-safe nor cheap to make. */
  private final ThreadLocal<Signature> signatures = ThreadLocal.withInitial(NativeSigner::open);

  private NativeSigner(PrivateKey key) throws GeneralSecurityException {
    this.publicKey = key.publicKey();
    // The provider registers no key factory for Ed25519: keys come from the JDK's, which only
    // decodes them.
    this.key =
        KeyFactory.getInstance("Ed25519", "SunEC")
            .generatePrivate(new EdECPrivateKeySpec(NamedParameterSpec.ED25519, key.seed()));
  }

  /** The fastest signer with this key that works here; the key itself when there is no other. */
  public static Signer of(PrivateKey key) {
    try {
      NativeSigner signer = new NativeSigner(key);
      if (!Arrays.equals(signer.sign(PROBE), key.sign(PROBE))) {
        throw new GeneralSecurityException("it signs otherwise");
      }
      return signer;
    } catch (GeneralSecurityException | LinkageError | RuntimeException e) {
      LOG.atWarn()
          .addKeyValue("cause", e.toString())
          .log("Signing is not native and costs several times as much");
      return key;
    }
  }

  private static Signature open() {
    try {
      return Signature.getInstance("Ed25519", AmazonCorrettoCryptoProvider.INSTANCE);
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("no native Ed25519", e);
    }
  }

  @Override
  public PublicKey publicKey() {
    return publicKey;
  }

  @Override
  public byte[] sign(byte[] message) {
    Signature signature = signatures.get();
    try {
      signature.initSign(key);
      signature.update(message);
      return signature.sign();
    } catch (InvalidKeyException | SignatureException e) {
      throw new IllegalStateException("the provider signed with this key before", e);
    }
  }

  /** Names the key, without the secret. */
  @Override
  public String toString() {
    return "NativeSigner[" + publicKey.thumbprint() + "]";
  }
}

package dev.writ.sidecar.crypto;

import com.amazon.corretto.crypto.provider.AmazonCorrettoCryptoProvider;
import dev.writ.contract.MalformedException;
import dev.writ.contract.key.Ed25519;
import dev.writ.contract.key.PublicKey;
import java.math.BigInteger;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.Provider;
import java.security.Signature;
import java.security.interfaces.EdECPublicKey;
import java.security.spec.EdECPoint;
import java.security.spec.EdECPublicKeySpec;
import java.security.spec.NamedParameterSpec;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Ed25519 by AWS-LC through the Corretto provider: less than half the cost of Bouncy Castle. Never
 * by the JDK's own provider, which costs twenty times as much: the provider object is passed on
 * every call.
 */
public final class NativeEd25519 {
  private static final Logger LOG = LoggerFactory.getLogger(NativeEd25519.class);
  private static final String NAME = "corretto";
  private static final int KEYS = 1_024;

  private NativeEd25519() {}

  /** The fastest provider that works here; says in the log which it is. */
  public static Ed25519 best() {
    try {
      Ed25519 ed25519 = open();
      LOG.atInfo().addKeyValue("provider", ed25519.provider()).log("Ed25519 is native");
      return ed25519;
    } catch (GeneralSecurityException | LinkageError | RuntimeException e) {
      Ed25519 fallback = Ed25519.bouncyCastle();
      LOG.atWarn()
          .addKeyValue("provider", fallback.provider())
          .addKeyValue("cause", e.toString())
          .log("Ed25519 is not native, verification costs twice as much");
      return fallback;
    }
  }

  private static Ed25519 open() throws GeneralSecurityException {
    Provider provider = AmazonCorrettoCryptoProvider.INSTANCE;
    Throwable missing = AmazonCorrettoCryptoProvider.INSTANCE.getLoadingError();
    if (missing != null) {
      throw new GeneralSecurityException("the native library: " + missing, missing);
    }
    // The provider registers no key factory for Ed25519: keys come from the JDK's, which only
    // decodes them.
    KeyFactory keys = KeyFactory.getInstance("Ed25519", "SunEC");
    ThreadLocal<Verifying> perThread = ThreadLocal.withInitial(() -> new Verifying(provider, keys));
    Ed25519 ed25519 =
        Ed25519.strict(
            NAME, (key, message, signature) -> perThread.get().verify(key, message, signature));
    knownAnswer(ed25519);
    return ed25519;
  }

  /**
   * RFC 8032, section 7.1, test 2, as it is and with one bit changed: here and not at the first
   * call it shows that the provider has Ed25519. Its own tests at start are about other algorithms.
   */
  private static void knownAnswer(Ed25519 ed25519) throws GeneralSecurityException {
    HexFormat hex = HexFormat.of();
    byte[] signature =
        hex.parseHex(
            "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da"
                + "085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00");
    byte[] message = {0x72};
    try {
      PublicKey key =
          PublicKey.of(
              hex.parseHex("3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c"));
      boolean holds = ed25519.verify(key, message, signature);
      signature[0] ^= 1;
      if (!holds || ed25519.verify(key, message, signature)) {
        throw new GeneralSecurityException("a known signature is judged wrongly");
      }
    } catch (MalformedException e) {
      throw new IllegalStateException("the key of RFC 8032 is one", e);
    }
  }

  /**
   * The signature object and decoded keys of one thread: neither is thread-safe or cheap to make.
   */
  private static final class Verifying {
    private final KeyFactory keys;
    private final Signature signature;
    private final Map<PublicKey, java.security.PublicKey> decoded =
        new LinkedHashMap<>(16, 0.75f, true) {
          private static final long serialVersionUID = 1L;

          @Override
          protected boolean removeEldestEntry(
              Map.Entry<PublicKey, java.security.PublicKey> eldest) {
            return size() > KEYS;
          }
        };

    Verifying(Provider provider, KeyFactory keys) {
      this.keys = keys;
      try {
        this.signature = Signature.getInstance("Ed25519", provider);
      } catch (GeneralSecurityException e) {
        throw new IllegalStateException("the provider had Ed25519 at start", e);
      }
    }

    boolean verify(PublicKey key, byte[] message, byte[] bytes) {
      try {
        java.security.PublicKey known = decoded.get(key);
        if (known == null) {
          known = decode(key.bytes());
          decoded.put(key, known);
        }
        signature.initVerify(known);
        signature.update(message);
        return signature.verify(bytes);
      } catch (GeneralSecurityException _) {
        // The provider throws for signatures that it cannot decode; those do not verify.
        return false;
      }
    }

    private EdECPublicKey decode(byte[] littleEndian) throws GeneralSecurityException {
      byte[] y = new byte[littleEndian.length];
      for (int i = 0; i < y.length; i++) {
        y[i] = littleEndian[y.length - 1 - i];
      }
      boolean odd = (y[0] & 0x80) != 0;
      y[0] &= 0x7f;
      EdECPoint point = new EdECPoint(odd, new BigInteger(1, y));
      return (EdECPublicKey)
          keys.generatePublic(new EdECPublicKeySpec(NamedParameterSpec.ED25519, point));
    }
  }
}

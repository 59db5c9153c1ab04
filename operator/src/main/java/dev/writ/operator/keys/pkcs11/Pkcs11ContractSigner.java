package dev.writ.operator.keys.pkcs11;

import dev.writ.contract.MalformedException;
import dev.writ.contract.key.Ed25519;
import dev.writ.contract.key.PublicKey;
import dev.writ.contract.key.Signer;
import dev.writ.operator.keys.ContractSigner;
import dev.writ.operator.keys.KeyReference;
import dev.writ.operator.keys.KeyUnavailableException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.HexFormat;
import java.util.Optional;

/**
 * Keys that are made in a PKCS #11 token and never leave it. A reference is the CKA_ID, in hex, and
 * no secret.
 */
public final class Pkcs11ContractSigner implements ContractSigner {
  private static final String SCHEME = "pkcs11";

  /** CKA_LABEL, for those who look into the token. */
  private static final String NAME = "writ-issuer";

  private static final int ID = 16;

  private final Token token;

  private Pkcs11ContractSigner(Token token) {
    this.token = token;
  }

  /**
   * Loads the token's library; the token itself may come later.
   *
   * @param library of the token's maker
   * @param label of the token
   * @param pinFile holds the user's PIN and perhaps a line end; read with each new session
   * @throws KeyUnavailableException if the library can't be loaded
   */
  public static Pkcs11ContractSigner of(Path library, String label, Path pinFile)
      throws KeyUnavailableException {
    try {
      return new Pkcs11ContractSigner(new Token(Cryptoki.load(library), label, () -> pin(pinFile)));
    } catch (CryptokiException e) {
      throw new KeyUnavailableException(String.valueOf(e.getMessage()), e);
    }
  }

  private static byte[] pin(Path file) throws CryptokiException {
    try {
      return Files.readString(file, StandardCharsets.UTF_8)
          .stripTrailing()
          .getBytes(StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new CryptokiException("couldn't read the PIN in " + file, e);
    }
  }

  @Override
  public String scheme() {
    return SCHEME;
  }

  @Override
  public Made make() throws KeyUnavailableException {
    byte[] id = new byte[ID];
    new SecureRandom().nextBytes(id);
    KeyReference reference = KeyReference.of(SCHEME, HexFormat.of().formatHex(id));
    try {
      PublicKey key = PublicKey.of(token.generate(id, NAME));
      return new Made(new Held(key, id), reference);
    } catch (CryptokiException | MalformedException e) {
      throw new KeyUnavailableException(
          "couldn't make a key in the PKCS #11 token: " + e.getMessage(), e);
    }
  }

  @Override
  public Signer open(PublicKey key, KeyReference reference) throws KeyUnavailableException {
    byte[] id = id(reference);
    try {
      Optional<byte[]> found = token.publicHalf(id);
      if (found.isPresent() && PublicKey.of(found.get()).equals(key)) {
        return new Held(key, id);
      }
    } catch (CryptokiException | MalformedException e) {
      throw new KeyUnavailableException(
          "couldn't look up issuer key "
              + key.thumbprint()
              + " in the PKCS #11 token: "
              + e.getMessage(),
          e);
    }
    throw new KeyUnavailableException("the PKCS #11 token holds no issuer key " + key.thumbprint());
  }

  @Override
  public void destroy(KeyReference reference) throws KeyUnavailableException {
    try {
      token.destroy(id(reference));
    } catch (CryptokiException e) {
      throw new KeyUnavailableException(
          "couldn't destroy a key in the PKCS #11 token: " + e.getMessage(), e);
    }
  }

  private static byte[] id(KeyReference reference) throws KeyUnavailableException {
    try {
      return HexFormat.of().parseHex(reference.rest());
    } catch (IllegalArgumentException e) {
      throw new KeyUnavailableException("a reference to a PKCS #11 key is not an id in hex", e);
    }
  }

  /** A key of the token. */
  private final class Held implements Signer {
    private final PublicKey key;
    private final byte[] id;

    Held(PublicKey key, byte[] id) {
      this.key = key;
      this.id = id;
    }

    @Override
    public PublicKey publicKey() {
      return key;
    }

    /** Checked before it is given away: what a faulty token signs may tell its key. */
    @Override
    public byte[] sign(byte[] message) {
      byte[] signature;
      try {
        signature = token.sign(id, message);
      } catch (CryptokiException e) {
        throw new IllegalStateException(
            "couldn't sign in the PKCS #11 token: " + e.getMessage(), e);
      }
      if (!Ed25519.bouncyCastle().verify(key, message, signature)) {
        throw new IllegalStateException("the PKCS #11 token gave a signature that is none");
      }
      return signature;
    }

    @Override
    public String toString() {
      return "Pkcs11[" + key.thumbprint() + "]";
    }
  }
}

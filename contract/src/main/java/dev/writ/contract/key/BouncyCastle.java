package dev.writ.contract.key;

import org.bouncycastle.math.ec.rfc8032.Ed25519.PublicPoint;

/** The pure Java provider. */
final class BouncyCastle {
  static final Ed25519 INSTANCE = new Strict("bouncycastle", BouncyCastle::verify);

  private BouncyCastle() {}

  /**
   * Bouncy Castle decodes R and compares points, with halved scalars: a small-order part of R could
   * hide in that, so R has to be checked like a key.
   */
  private static boolean verify(PublicKey key, byte[] message, byte[] signature) {
    PublicPoint point = key.point();
    return point != null
        && org.bouncycastle.math.ec.rfc8032.Ed25519.validatePublicKeyFull(signature, 0)
        && org.bouncycastle.math.ec.rfc8032.Ed25519.verify(
            signature, 0, point, message, 0, message.length);
  }
}

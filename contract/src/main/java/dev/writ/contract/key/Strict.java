package dev.writ.contract.key;

/** The checks that every provider shares, before its raw verification. */
record Strict(String provider, Raw raw) implements Ed25519 {
  private static final int SIGNATURE = 64;

  /** The group order L, little-endian. */
  private static final byte[] ORDER = {
    (byte) 0xed,
    (byte) 0xd3,
    (byte) 0xf5,
    0x5c,
    0x1a,
    0x63,
    0x12,
    0x58,
    (byte) 0xd6,
    (byte) 0x9c,
    (byte) 0xf7,
    (byte) 0xa2,
    (byte) 0xde,
    (byte) 0xf9,
    (byte) 0xde,
    0x14,
    0,
    0,
    0,
    0,
    0,
    0,
    0,
    0,
    0,
    0,
    0,
    0,
    0,
    0,
    0,
    0x10
  };

  @Override
  public boolean verify(PublicKey key, byte[] message, byte[] signature) {
    return signature.length == SIGNATURE
        && scalarInRange(signature)
        && !isIdentity(signature)
        && key.isValid()
        && raw.verify(key, message, signature);
  }

  /**
   * R is the neutral element: of order one, so not a point of the prime-order subgroup's kind
   * (providers differ on it).
   */
  private static boolean isIdentity(byte[] signature) {
    int rest = signature[0] ^ 1;
    for (int i = 1; i < 32; i++) {
      rest |= signature[i];
    }
    return rest == 0;
  }

  /** S < L: otherwise S + L would be a second signature. */
  private static boolean scalarInRange(byte[] signature) {
    for (int i = 31; i >= 0; i--) {
      int s = signature[32 + i] & 0xff;
      int l = ORDER[i] & 0xff;
      if (s != l) {
        return s < l;
      }
    }
    return false;
  }
}

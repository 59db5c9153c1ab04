package dev.writ.contract.key;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.writ.contract.MalformedException;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The strict rules of protocol.md, section 1, on edge cases (speccheck and own). */
class Ed25519Test {
  private static final HexFormat HEX = HexFormat.of();
  private static final BigInteger ORDER =
      BigInteger.TWO.pow(252).add(new BigInteger("27742317777372353535851937790883648493"));
  private static final byte[] MESSAGE = "hello".getBytes(StandardCharsets.UTF_8);

  /** Points of small order, and encodings that are not canonical. */
  private static final List<String> REFUSED_KEYS =
      List.of(
          "0100000000000000000000000000000000000000000000000000000000000000",
          "0100000000000000000000000000000000000000000000000000000000000080",
          "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
          "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
          "0000000000000000000000000000000000000000000000000000000000000000",
          "0000000000000000000000000000000000000000000000000000000000000080",
          "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
          "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc85",
          "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
          "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa",
          "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
          "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
          "ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff");

  private final Ed25519 ed25519 = Ed25519.bouncyCastle();
  private final PrivateKey key = PrivateKey.generate();

  @Test
  void ownSignaturesVerify() {
    byte[] signature = key.sign(MESSAGE);

    assertThat(ed25519.verify(key.publicKey(), MESSAGE, signature)).isTrue();
    assertThat(ed25519.verify(PrivateKey.generate().publicKey(), MESSAGE, signature)).isFalse();
    for (int i = 0; i < signature.length * 8; i++) {
      byte[] flipped = signature.clone();
      flipped[i / 8] ^= (byte) (1 << i % 8);
      assertThat(ed25519.verify(key.publicKey(), MESSAGE, flipped)).as("bit " + i).isFalse();
    }
  }

  @Test
  void aSecondScalarIsRefused() {
    byte[] signature = key.sign(MESSAGE);
    for (int i = 1; i <= 15; i++) {
      byte[] other = signature.clone();
      BigInteger s = little(other).add(ORDER.multiply(BigInteger.valueOf(i)));
      if (s.bitLength() > 256) {
        break;
      }
      byte[] big = s.toByteArray();
      for (int j = 0; j < 32; j++) {
        other[32 + j] = j < big.length ? big[big.length - 1 - j] : 0;
      }
      assertThat(ed25519.verify(key.publicKey(), MESSAGE, other)).as("S + %d L", i).isFalse();
    }
  }

  private static BigInteger little(byte[] signature) {
    byte[] big = new byte[33];
    for (int i = 0; i < 32; i++) {
      big[32 - i] = signature[32 + i];
    }
    return new BigInteger(big);
  }

  @Test
  void keysOutsideTheSubgroupAreRefused() throws Exception {
    for (String hex : REFUSED_KEYS) {
      byte[] raw = HEX.parseHex(hex);
      assertThatThrownBy(() -> PublicKey.of(raw)).as(hex).isInstanceOf(MalformedException.class);
      assertThat(PublicKey.unchecked(raw).isValid()).isFalse();
      assertThat(ed25519.verify(PublicKey.unchecked(raw), MESSAGE, new byte[64])).isFalse();
      byte[] signature = key.sign(MESSAGE);
      System.arraycopy(raw, 0, signature, 0, 32);
      assertThat(ed25519.verify(key.publicKey(), MESSAGE, signature)).as("R = " + hex).isFalse();
    }
    assertThatThrownBy(() -> PublicKey.of(new byte[31])).isInstanceOf(MalformedException.class);
  }

  @Test
  void otherLengthsAreRefused() {
    for (int length : new int[] {0, 1, 63, 65, 128}) {
      assertThat(ed25519.verify(key.publicKey(), MESSAGE, new byte[length])).isFalse();
    }
  }

  /**
   * A raw provider is asked only for what passed the shared checks, so it cannot answer otherwise.
   */
  @Test
  void aRawProviderSeesOnlyWhatPassedTheSharedChecks() throws Exception {
    Ed25519 gullible = Ed25519.strict("gullible", (publicKey, message, signature) -> true);
    byte[] outOfRange = key.sign(MESSAGE);
    outOfRange[63] = (byte) 0xff;

    assertThat(gullible.verify(key.publicKey(), MESSAGE, key.sign(MESSAGE))).isTrue();
    assertThat(gullible.verify(key.publicKey(), MESSAGE, outOfRange)).isFalse();
    assertThat(gullible.verify(PublicKey.unchecked(new byte[32]), MESSAGE, key.sign(MESSAGE)))
        .isFalse();
    assertThat(gullible.provider()).isEqualTo("gullible");
  }

  @Test
  void privateKeysDoNotPrintAndReadBack() throws Exception {
    String jwk = key.toJwk();

    PrivateKey again = PrivateKey.fromJwk(jwk);

    assertThat(again.publicKey()).isEqualTo(key.publicKey());
    assertThat(again.sign(MESSAGE)).isEqualTo(key.sign(MESSAGE));
    assertThat(key).hasToString("PrivateKey[" + key.publicKey().thumbprint() + "]");
    String other = jwk.replace(key.publicKey().x(), PrivateKey.generate().publicKey().x());
    assertThatThrownBy(() -> PrivateKey.fromJwk(other))
        .hasMessageContaining("x does not belong to d");
  }
}

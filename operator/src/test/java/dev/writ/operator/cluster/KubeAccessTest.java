package dev.writ.operator.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.security.KeyPairGenerator;
import java.util.Base64;
import org.junit.jupiter.api.Test;

class KubeAccessTest {
  private static String kubeconfigKey(String algorithm, int size) throws Exception {
    KeyPairGenerator generator = KeyPairGenerator.getInstance(algorithm);
    generator.initialize(size);
    byte[] der = generator.generateKeyPair().getPrivate().getEncoded();
    String pem =
        "-----BEGIN PRIVATE KEY-----\n"
            + Base64.getMimeEncoder().encodeToString(der)
            + "\n-----END PRIVATE KEY-----\n";
    return Base64.getEncoder().encodeToString(pem.getBytes(StandardCharsets.US_ASCII));
  }

  @Test
  void theKindOfAClientKeyIsReadFromTheKey() throws Exception {
    assertThat(KubeAccess.isEllipticCurve(kubeconfigKey("EC", 256))).isTrue();
    assertThat(KubeAccess.isEllipticCurve(kubeconfigKey("RSA", 2048))).isFalse();
    assertThat(KubeAccess.isEllipticCurve("nonsense")).isFalse();
    assertThat(KubeAccess.isEllipticCurve("")).isFalse();
  }
}

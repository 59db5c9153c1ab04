package dev.writ.sidecar.crypto;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import com.amazon.corretto.crypto.provider.AmazonCorrettoCryptoProvider;
import java.security.MessageDigest;
import java.security.Security;
import java.util.HexFormat;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

final class NativeProviderTest {
  @AfterEach
  void leaveTheOtherTestsTheirs() {
    Security.removeProvider(AmazonCorrettoCryptoProvider.PROVIDER_NAME);
  }

  @Test
  void hashesAreNativeOnceItIsPreferred() throws Exception {
    NativeProvider.prefer();
    NativeProvider.prefer();

    MessageDigest sha256 = MessageDigest.getInstance("SHA-256");
    assertThat(sha256.getProvider()).isSameAs(AmazonCorrettoCryptoProvider.INSTANCE);
    // FIPS 180-2, appendix B.1
    assertThat(HexFormat.of().formatHex(sha256.digest("abc".getBytes(US_ASCII))))
        .isEqualTo("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    assertThat(Security.getProviders()).containsOnlyOnce(AmazonCorrettoCryptoProvider.INSTANCE);
  }
}

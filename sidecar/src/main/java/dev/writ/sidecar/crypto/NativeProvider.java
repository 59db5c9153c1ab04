package dev.writ.sidecar.crypto;

import com.amazon.corretto.crypto.provider.AmazonCorrettoCryptoProvider;
import java.security.Security;

/** AWS-LC for what the JDK's own classes compute: TLS to the operator, and SHA-256. */
public final class NativeProvider {
  private NativeProvider() {}

  /**
   * Puts the Corretto provider before the JDK's, which a process that just started interprets: its
   * first handshake costs twice as much there. Where the native library is missing nothing changes.
   */
  public static void prefer() {
    if (AmazonCorrettoCryptoProvider.INSTANCE.getLoadingError() == null) {
      Security.insertProviderAt(AmazonCorrettoCryptoProvider.INSTANCE, 1);
    }
  }
}

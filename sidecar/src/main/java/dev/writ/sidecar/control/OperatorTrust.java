package dev.writ.sidecar.control;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.http.HttpClient;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.time.Duration;
import java.util.Arrays;
import java.util.Collection;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;
import org.jspecify.annotations.Nullable;

/**
 * The HTTPS client for the operator, whose certificate must chain to the CA file and name the
 * operator's host. A changed file gives a new client; one that cannot be read leaves the former in
 * use. Thread-safe.
 */
final class OperatorTrust {
  private static final Duration CONNECT = Duration.ofSeconds(5);
  private static final long MAX_FILE = 1 << 20;

  private final Path caFile;
  private byte[] taken = {};
  private @Nullable HttpClient client;

  OperatorTrust(Path caFile) {
    this.caFile = caFile;
  }

  /**
   * The client for what the CA file says now.
   *
   * @throws OperatorException when no usable CA has been read yet
   */
  synchronized HttpClient client() throws OperatorException {
    HttpClient former = client;
    try {
      if (Files.size(caFile) > MAX_FILE) {
        throw new IOException("too large");
      }
      byte[] pem = Files.readAllBytes(caFile);
      if (former != null && Arrays.equals(pem, taken)) {
        return former;
      }
      HttpClient next =
          HttpClient.newBuilder()
              .version(HttpClient.Version.HTTP_1_1)
              .followRedirects(HttpClient.Redirect.NEVER)
              .connectTimeout(CONNECT)
              .sslContext(context(pem))
              .build();
      taken = pem;
      client = next;
      // Streams on the former client go on until they end; it closes when it is no longer
      // reachable.
      return next;
    } catch (IOException | GeneralSecurityException e) {
      if (former != null) {
        return former;
      }
      throw new OperatorException("couldn't read the CA file " + caFile + ": " + e.getMessage(), e);
    }
  }

  private static SSLContext context(byte[] pem) throws IOException, GeneralSecurityException {
    Collection<? extends Certificate> certificates =
        CertificateFactory.getInstance("X.509").generateCertificates(new ByteArrayInputStream(pem));
    if (certificates.isEmpty()) {
      throw new IOException("no certificate in it");
    }
    KeyStore store = KeyStore.getInstance(KeyStore.getDefaultType());
    store.load(null, null);
    int index = 0;
    for (Certificate certificate : certificates) {
      store.setCertificateEntry("ca-" + index++, certificate);
    }
    TrustManagerFactory managers =
        TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
    managers.init(store);
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(null, managers.getTrustManagers(), null);
    return context;
  }
}

package dev.writ.cli.log;

import dev.writ.cli.CommandException;
import java.io.IOException;
import java.io.InputStream;
import java.net.http.HttpClient;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.time.Duration;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;
import org.jspecify.annotations.Nullable;

/** A client that trusts the certificates of a file, or those of the JDK. */
final class Https {
  private static final Duration CONNECT = Duration.ofSeconds(10);

  private Https() {}

  static HttpClient client(@Nullable Path ca) throws CommandException {
    HttpClient.Builder builder = HttpClient.newBuilder().connectTimeout(CONNECT);
    return ca == null ? builder.build() : builder.sslContext(context(ca)).build();
  }

  private static SSLContext context(Path ca) throws CommandException {
    try (InputStream pem = Files.newInputStream(ca)) {
      KeyStore store = KeyStore.getInstance(KeyStore.getDefaultType());
      store.load(null, null);
      int number = 0;
      for (Certificate each : CertificateFactory.getInstance("X.509").generateCertificates(pem)) {
        store.setCertificateEntry("ca-" + number++, each);
      }
      TrustManagerFactory trust =
          TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
      trust.init(store);
      SSLContext context = SSLContext.getInstance("TLS");
      context.init(null, trust.getTrustManagers(), null);
      return context;
    } catch (IOException e) {
      throw CommandException.unusable("--ca: couldn't read " + ca);
    } catch (GeneralSecurityException e) {
      throw CommandException.unusable("--ca: " + ca + " holds no certificates in PEM");
    }
  }
}

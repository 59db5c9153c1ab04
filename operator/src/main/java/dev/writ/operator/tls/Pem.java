package dev.writ.operator.tls;

import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.cert.Certificate;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;

/**
 * PEM (RFC 7468) to and from certificates and unencrypted PKCS #8 keys. Errors never carry what was
 * read.
 */
final class Pem {
  private static final String KEY = "PRIVATE KEY";
  private static final String CERTIFICATE = "CERTIFICATE";

  private Pem() {}

  static String of(List<X509Certificate> certificates) throws GeneralSecurityException {
    StringBuilder pem = new StringBuilder();
    for (X509Certificate certificate : certificates) {
      pem.append(block(CERTIFICATE, certificate.getEncoded()));
    }
    return pem.toString();
  }

  static String of(PrivateKey key) {
    return block(KEY, key.getEncoded());
  }

  /** All certificates of the text, at least one. */
  static List<X509Certificate> certificates(String pem) throws CertificateException {
    List<X509Certificate> certificates = new ArrayList<>();
    var bytes = new ByteArrayInputStream(pem.getBytes(StandardCharsets.US_ASCII));
    for (Certificate certificate :
        CertificateFactory.getInstance("X.509").generateCertificates(bytes)) {
      certificates.add((X509Certificate) certificate);
    }
    if (certificates.isEmpty()) {
      throw new CertificateException("no certificate in the PEM text");
    }
    return List.copyOf(certificates);
  }

  /** An EC key as {@link #of(PrivateKey)} wrote it. */
  static PrivateKey ecKey(String pem) throws GeneralSecurityException {
    String begin = "-----BEGIN " + KEY + "-----";
    String end = "-----END " + KEY + "-----";
    String text = pem.strip();
    if (!text.startsWith(begin) || !text.endsWith(end)) {
      throw new GeneralSecurityException("not an unencrypted PKCS #8 key in PEM");
    }
    String body = text.substring(begin.length(), text.length() - end.length());
    try {
      byte[] der = Base64.getMimeDecoder().decode(body);
      return KeyFactory.getInstance("EC").generatePrivate(new PKCS8EncodedKeySpec(der));
    } catch (IllegalArgumentException e) {
      throw new GeneralSecurityException("the key is not base64");
    }
  }

  private static String block(String what, byte[] der) {
    String body = Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(der);
    return "-----BEGIN " + what + "-----\n" + body + "\n-----END " + what + "-----\n";
  }
}

package dev.writ.operator.cluster;

import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.ConfigBuilder;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.Base64;
import java.util.Optional;

/** How to reach the API server. */
public final class KubeAccess {
  private static final String BEGIN = "-----BEGIN PRIVATE KEY-----";
  private static final String END = "-----END PRIVATE KEY-----";

  private KubeAccess() {}

  /**
   * A server without credentials, or else whatever KUBECONFIG or the pod's own account says.
   *
   * @param url of the former
   */
  public static Config config(Optional<URI> url) {
    if (url.isPresent()) {
      return new ConfigBuilder(Config.empty()).withMasterUrl(url.get().toString()).build();
    }
    Config config = Config.autoConfigure(null);
    String key = config.getClientKeyData();
    if (key != null && isEllipticCurve(key)) {
      config.setClientKeyAlgo("EC");
    }
    return config;
  }

  /** The client tells EC keys by the older PEM header alone and takes every PKCS #8 key for RSA. */
  static boolean isEllipticCurve(String keyData) {
    try {
      String pem = new String(Base64.getMimeDecoder().decode(keyData), StandardCharsets.US_ASCII);
      int from = pem.indexOf(BEGIN);
      int to = pem.indexOf(END);
      if (from < 0 || to < from) {
        return false;
      }
      byte[] der = Base64.getMimeDecoder().decode(pem.substring(from + BEGIN.length(), to));
      KeyFactory.getInstance("EC").generatePrivate(new PKCS8EncodedKeySpec(der));
      return true;
    } catch (GeneralSecurityException | IllegalArgumentException e) {
      return false;
    }
  }
}

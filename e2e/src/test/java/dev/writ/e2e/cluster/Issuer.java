package dev.writ.e2e.cluster;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.Key;
import java.security.KeyStore;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** An authority, by the JDK's keytool: what an issuer of kind CA is to cert-manager. */
final class Issuer {
  private static final String PASSWORD = "changeit";

  private final Path store;
  private int serial;

  /** A new authority, kept in a folder. */
  Issuer(Path folder) {
    store = folder.resolve("issuer.p12");
    keytool("authority", "-ext", "bc:critical=ca:true", "-ext", "ku:critical=keyCertSign");
  }

  /** A new key and its certificate, as the entries of the Secret that cert-manager writes. */
  Map<String, String> issue(List<String> names) {
    String alias = "leaf-" + ++serial;
    keytool(
        alias,
        "-signer",
        "authority",
        "-ext",
        "san=" + names.stream().map(name -> "dns:" + name).collect(Collectors.joining(",")),
        "-ext",
        "ku:critical=digitalSignature",
        "-ext",
        "eku=serverAuth");
    try (InputStream file = Files.newInputStream(store)) {
      KeyStore keys = KeyStore.getInstance("PKCS12");
      keys.load(file, PASSWORD.toCharArray());
      Key key = keys.getKey(alias, PASSWORD.toCharArray());
      return Map.of(
          "tls.key", pem("PRIVATE KEY", key.getEncoded()),
          "tls.crt", pem("CERTIFICATE", keys.getCertificate(alias).getEncoded()),
          "ca.crt", pem("CERTIFICATE", keys.getCertificate("authority").getEncoded()));
    } catch (IOException | GeneralSecurityException e) {
      throw new AssertionError("couldn't read the issuer's keys", e);
    }
  }

  private void keytool(String alias, String... more) {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "keytool").toString());
    command.addAll(List.of("-genkeypair", "-alias", alias, "-dname", "CN=test-" + alias));
    command.addAll(List.of("-keyalg", "EC", "-groupname", "secp256r1"));
    command.addAll(List.of("-sigalg", "SHA256withECDSA", "-startdate", "-1H"));
    command.addAll(List.of("-validity", "90", "-keystore", store.toString()));
    command.addAll(List.of("-storetype", "PKCS12", "-storepass", PASSWORD));
    command.addAll(Arrays.asList(more));
    Command.run(null, Duration.ofMinutes(1), command.toArray(String[]::new)).output();
  }

  private static String pem(String what, byte[] der) {
    String body =
        Base64.getMimeEncoder(64, "\n".getBytes(StandardCharsets.US_ASCII)).encodeToString(der);
    return "-----BEGIN " + what + "-----\n" + body + "\n-----END " + what + "-----\n";
  }
}

package dev.writ.operator;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.writ.audit.log.HttpSource;
import dev.writ.audit.log.LogSource;
import dev.writ.contract.Base64Url;
import dev.writ.contract.Digests;
import dev.writ.contract.Names;
import dev.writ.contract.key.PrivateKey;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;

/**
 * A sidecar's side of the Control API, for tests: real TLS against the published CA, real proofs.
 */
final class Sidecars {
  private static final ObjectMapper JSON = new ObjectMapper();
  final PrivateKey key = PrivateKey.generate();
  private final HttpClient http;
  private final URI operator;
  private final String token;

  Sidecars(int port, String caPem, String token) throws Exception {
    this.operator = URI.create("https://127.0.0.1:" + port);
    this.token = token;
    var certificates =
        java.security.cert.CertificateFactory.getInstance("X.509")
            .generateCertificates(
                new java.io.ByteArrayInputStream(caPem.getBytes(StandardCharsets.US_ASCII)));
    var store = java.security.KeyStore.getInstance("PKCS12");
    store.load(null, null);
    int i = 0;
    for (var certificate : certificates) {
      store.setCertificateEntry("ca" + i++, certificate);
    }
    TrustManagerFactory trust = TrustManagerFactory.getInstance("PKIX");
    trust.init(store);
    SSLContext tls = SSLContext.getInstance("TLS");
    tls.init(null, trust.getTrustManagers(), null);
    http = HttpClient.newBuilder().sslContext(tls).version(HttpClient.Version.HTTP_1_1).build();
  }

  HttpResponse<String> enrol(String proofFor) throws Exception {
    String message =
        Names.ENROL_PROOF_PREFIX
            + key.publicKey().thumbprint()
            + ":"
            + Base64Url.encode(Digests.sha256(proofFor));
    String proof = Base64Url.encode(key.sign(message.getBytes(StandardCharsets.UTF_8)));
    return post(
        Names.ENROL_PATH,
        "{\"jwk\":"
            + key.publicKey().toJwk()
            + ",\"boot\":\"0123456789abcdef\",\"proof\":\""
            + proof
            + "\"}");
  }

  JsonNode enrol() throws Exception {
    HttpResponse<String> answer = enrol(token);
    if (answer.statusCode() != 200) {
      throw new IOException(answer.statusCode() + " " + answer.body());
    }
    return JSON.readTree(answer.body());
  }

  HttpResponse<String> records(String boot, long applied, List<String> lines) throws Exception {
    return post(
        Names.RECORDS_PATH,
        JSON.writeValueAsString(Map.of("boot", boot, "applied", applied, "records", lines)));
  }

  HttpResponse<String> post(String path, String body) throws Exception {
    return http.send(
        request(path).POST(HttpRequest.BodyPublishers.ofString(body)).build(),
        HttpResponse.BodyHandlers.ofString());
  }

  HttpResponse<String> get(String path) throws Exception {
    return http.send(request(path).GET().build(), HttpResponse.BodyHandlers.ofString());
  }

  /** The events of a connection that stays open, as {@code name data}. */
  List<String> events() throws Exception {
    List<String> seen = java.util.Collections.synchronizedList(new ArrayList<>());
    HttpResponse<Stream<String>> answer =
        http.send(request(Names.EVENTS_PATH).GET().build(), HttpResponse.BodyHandlers.ofLines());
    if (answer.statusCode() != 200) {
      throw new IOException("events: " + answer.statusCode());
    }
    Thread.ofVirtual()
        .start(
            () -> {
              String[] name = {""};
              answer
                  .body()
                  .forEach(
                      line -> {
                        if (line.startsWith("event: ")) {
                          name[0] = line.substring(7);
                        } else if (line.startsWith("data: ")) {
                          seen.add(name[0] + " " + line.substring(6));
                        }
                      });
            });
    return seen;
  }

  /** The log as everyone may read it. */
  LogSource log() {
    return new HttpSource(operator.resolve(Names.LOG_PATH), http);
  }

  private HttpRequest.Builder request(String path) {
    return HttpRequest.newBuilder(operator.resolve(path))
        .header("Authorization", "Bearer " + token);
  }
}

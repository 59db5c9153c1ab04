package dev.writ.operator;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import dev.writ.operator.tls.TestIssuer;
import io.fabric8.kubernetes.api.model.admissionregistration.v1.MutatingWebhookConfiguration;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Base64;
import java.util.List;

/**
 * Somebody else's webhook, which the API server calls after ours: it adds a container with a port
 * and a probe to pods with annotation {@code late.example/add} that have none yet.
 */
final class LateWebhook implements AutoCloseable {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final String CONTAINER =
      """
      [{"op": "add", "path": "/spec/containers/-", "value": {"name": "late", "image": "late:1",
        "ports": [{"containerPort": 9999, "protocol": "TCP"}],
        "readinessProbe": {"httpGet": {"path": "/late", "port": 9999}}}}]
      """;
  private static final String CONFIGURATION =
      """
      apiVersion: admissionregistration.k8s.io/v1
      kind: MutatingWebhookConfiguration
      metadata: {name: zz-late}
      webhooks:
      - name: late.example.com
        admissionReviewVersions: [v1]
        sideEffects: None
        timeoutSeconds: 5
        failurePolicy: Fail
        clientConfig: {url: "https://127.0.0.1:@PORT@/", caBundle: @BUNDLE@}
        rules: [{apiGroups: [""], apiVersions: [v1], operations: [CREATE], resources: [pods]}]
        matchConditions:
        - {name: asks, expression: "has(object.metadata.annotations) && 'late.example/add' in object.metadata.annotations"}
      """;

  private final HttpsServer server;
  private final TestIssuer issuer;

  private LateWebhook(HttpsServer server, TestIssuer issuer) {
    this.server = server;
    this.issuer = issuer;
  }

  static LateWebhook start() throws Exception {
    TestIssuer issuer = new TestIssuer(Instant.now());
    HttpsServer server =
        HttpsServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.setHttpsConfigurator(
        new HttpsConfigurator(issuer.serving(List.of("127.0.0.1"), Instant.now())));
    server.createContext("/", LateWebhook::answer);
    server.start();
    return new LateWebhook(server, issuer);
  }

  MutatingWebhookConfiguration configuration() throws Exception {
    String bundle =
        Base64.getEncoder()
            .encodeToString(issuer.authorityPem().getBytes(StandardCharsets.US_ASCII));
    return Serialization.unmarshal(
        CONFIGURATION
            .replace("@PORT@", "" + server.getAddress().getPort())
            .replace("@BUNDLE@", bundle),
        MutatingWebhookConfiguration.class);
  }

  private static void answer(HttpExchange exchange) throws IOException {
    try (exchange) {
      JsonNode request = JSON.readTree(exchange.getRequestBody()).get("request");
      ObjectNode review = JSON.createObjectNode();
      review.put("apiVersion", "admission.k8s.io/v1").put("kind", "AdmissionReview");
      ObjectNode response = review.putObject("response");
      response.put("uid", request.get("uid").asText()).put("allowed", true);
      if (request.at("/object/spec/containers").size() == 1) {
        response
            .put("patchType", "JSONPatch")
            .put(
                "patch",
                Base64.getEncoder().encodeToString(CONTAINER.getBytes(StandardCharsets.UTF_8)));
      }
      byte[] body = JSON.writeValueAsBytes(review);
      exchange.getResponseHeaders().set("Content-Type", "application/json");
      exchange.sendResponseHeaders(200, body.length);
      exchange.getResponseBody().write(body);
    }
  }

  @Override
  public void close() {
    server.stop(0);
  }
}

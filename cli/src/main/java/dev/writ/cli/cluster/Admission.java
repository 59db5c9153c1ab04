package dev.writ.cli.cluster;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.client.utils.Serialization;
import io.fabric8.zjsonpatch.JsonPatch;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.Base64;
import java.util.UUID;
import javax.net.ssl.SSLContext;

/** What an API server does with a new pod: asks the webhook, and takes its patch or its refusal. */
final class Admission {
  private static final ObjectMapper JSON = new ObjectMapper();

  private final URI webhook;
  private final HttpClient http;

  Admission(URI webhook, SSLContext trust) {
    this.webhook = webhook;
    this.http =
        HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .sslContext(trust)
            .connectTimeout(Duration.ofSeconds(5))
            .build();
  }

  /**
   * Admits one pod.
   *
   * @return the pod as the webhook wants it
   * @throws IOException when the webhook refuses the pod (the message is its own) or does not
   *     answer
   */
  Pod admit(Pod pod) throws IOException, InterruptedException {
    JsonNode object = JSON.readTree(Serialization.asJson(pod));
    JsonNode response = review(object).path("response");
    if (!response.path("allowed").asBoolean()) {
      throw new IOException(
          "the webhook refused pod "
              + pod.getMetadata().getName()
              + ": "
              + response.path("status").path("message").asText());
    }
    if (!response.has("patch")) {
      return pod;
    }
    JsonNode patch = JSON.readTree(Base64.getDecoder().decode(response.path("patch").asText()));
    return Serialization.unmarshal(JsonPatch.apply(patch, object).toString(), Pod.class);
  }

  private JsonNode review(JsonNode object) throws IOException, InterruptedException {
    ObjectNode review = JSON.createObjectNode();
    review.put("apiVersion", "admission.k8s.io/v1").put("kind", "AdmissionReview");
    ObjectNode request = review.putObject("request").put("uid", UUID.randomUUID().toString());
    request.putObject("kind").put("group", "").put("version", "v1").put("kind", "Pod");
    request.putObject("resource").put("group", "").put("version", "v1").put("resource", "pods");
    request.put("operation", "CREATE").put("dryRun", false);
    request.put("namespace", object.path("metadata").path("namespace").asText());
    request.put("name", object.path("metadata").path("name").asText());
    request.putObject("userInfo").put("username", "system:serviceaccount:kube-system:demo");
    request.set("object", object);
    HttpResponse<String> answer =
        http.send(
            HttpRequest.newBuilder(webhook)
                .timeout(Duration.ofSeconds(10))
                .header("Content-Type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofString(review.toString()))
                .build(),
            HttpResponse.BodyHandlers.ofString());
    if (answer.statusCode() != 200) {
      throw new IOException("the webhook answered " + answer.statusCode() + ": " + answer.body());
    }
    return JSON.readTree(answer.body());
  }
}

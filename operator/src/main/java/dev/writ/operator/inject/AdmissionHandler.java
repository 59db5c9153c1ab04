package dev.writ.operator.inject;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.writ.contract.MalformedException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * From the bytes of an AdmissionReview to the bytes of its answer. No I/O: what follows from an
 * admission is told to a listener.
 */
public final class AdmissionHandler {
  private static final String API_VERSION = "admission.k8s.io/v1";
  private static final int FORBIDDEN = 403;

  private final ObjectMapper json =
      JsonMapper.builder()
          .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
          .configure(JsonParser.Feature.INCLUDE_SOURCE_IN_LOCATION, false)
          .build();
  private final PodMutator mutator;
  private final Predicate<String> enforcedNamespace;
  private final Consumer<Outcome> listener;

  /** What was decided, for metrics and for what has to exist in the pod's namespace. */
  public enum Result {
    /** A patch was sent, or the pod had everything. */
    INJECTED,
    /** The pod did not ask. */
    SKIPPED,
    /** The pod was not created. */
    REFUSED
  }

  /**
   * One admission.
   *
   * @param namespace of the request
   * @param dryRun nothing may be created because of it
   * @param owner what made the pod, null when a person did: that one is answered
   * @param said why it was refused, else empty
   */
  public record Outcome(
      Result result, String namespace, boolean dryRun, @Nullable Owner owner, String said) {}

  /** The controller of a pod, as its owner reference names it. */
  public record Owner(String apiVersion, String kind, String name, String uid) {
    static @Nullable Owner of(JsonNode pod) {
      for (JsonNode reference : pod.path("metadata").path("ownerReferences")) {
        String apiVersion = Pod.text(reference.path("apiVersion"));
        String kind = Pod.text(reference.path("kind"));
        String name = Pod.text(reference.path("name"));
        String uid = Pod.text(reference.path("uid"));
        if (reference.path("controller").asBoolean(false)
            && apiVersion != null
            && kind != null
            && name != null
            && uid != null) {
          return new Owner(apiVersion, kind, name, uid);
        }
      }
      return null;
    }
  }

  /**
   * The listener is called on the handler's thread and must not block: the API server waits.
   *
   * @param enforcedNamespace whether every pod of a namespace has to be injected
   */
  public AdmissionHandler(
      PodMutator mutator, Predicate<String> enforcedNamespace, Consumer<Outcome> listener) {
    this.mutator = mutator;
    this.enforcedNamespace = enforcedNamespace;
    this.listener = listener;
  }

  /**
   * Answers a review.
   *
   * @throws MalformedException if it is not one: the API server then applies its failure policy,
   *     which is to refuse
   */
  public byte[] handle(byte[] review) throws MalformedException {
    JsonNode root = read(review);
    JsonNode request = root.path("request");
    String uid = Pod.text(request.path("uid"));
    boolean isReview =
        API_VERSION.equals(Pod.text(root.path("apiVersion")))
            && "AdmissionReview".equals(Pod.text(root.path("kind")));
    if (!isReview || uid == null) {
      throw new MalformedException(
          "not an AdmissionReview of " + API_VERSION + " with a request and its uid");
    }
    String namespace = request.path("namespace").asText("");
    InjectionDecision decision = decide(request, namespace);
    Result result =
        switch (decision) {
          case InjectionDecision.Skip _ -> Result.SKIPPED;
          case InjectionDecision.Unchanged _, InjectionDecision.Inject _ -> Result.INJECTED;
          case InjectionDecision.Refuse _ -> Result.REFUSED;
        };
    String said = decision instanceof InjectionDecision.Refuse refuse ? refuse.reason() : "";
    listener.accept(
        new Outcome(
            result,
            namespace,
            request.path("dryRun").asBoolean(false),
            Owner.of(request.path("object")),
            said));
    return write(answer(uid, decision));
  }

  private InjectionDecision decide(JsonNode request, String namespace) {
    JsonNode kind = request.path("kind");
    boolean pod =
        kind.path("group").asText("").isEmpty() && "Pod".equals(Pod.text(kind.path("kind")));
    if (!pod || !"CREATE".equals(Pod.text(request.path("operation")))) {
      return new InjectionDecision.Refuse(
          "this webhook is for CREATE of pods; correct the MutatingWebhookConfiguration");
    }
    if (namespace.isEmpty() || !(request.path("object") instanceof ObjectNode object)) {
      return new InjectionDecision.Refuse("the review has no namespace or no object");
    }
    return mutator.decide(object, enforcedNamespace.test(namespace));
  }

  private ObjectNode answer(String uid, InjectionDecision decision) {
    ObjectNode review =
        json.createObjectNode().put("apiVersion", API_VERSION).put("kind", "AdmissionReview");
    ObjectNode response = review.putObject("response").put("uid", uid);
    switch (decision) {
      case InjectionDecision.Skip skip ->
          warn(response.put("allowed", true), List.of(skip.warning()));
      case InjectionDecision.Unchanged _ -> response.put("allowed", true);
      case InjectionDecision.Inject inject -> {
        response.put("allowed", true).put("patchType", "JSONPatch");
        response.put("patch", Base64.getEncoder().encodeToString(write(inject.patch())));
        warn(response, inject.warnings());
      }
      case InjectionDecision.Refuse refuse -> {
        ObjectNode status = response.put("allowed", false).putObject("status");
        status
            .put("code", FORBIDDEN)
            .put("reason", "Forbidden")
            .put("message", "writ: " + refuse.reason());
      }
    }
    return review;
  }

  private static void warn(ObjectNode response, List<String> warnings) {
    if (!warnings.isEmpty()) {
      warnings.forEach(response.putArray("warnings")::add);
    }
  }

  private JsonNode read(byte[] bytes) throws MalformedException {
    try {
      JsonNode root = json.readTree(new String(bytes, StandardCharsets.UTF_8));
      return root == null ? json.missingNode() : root;
    } catch (JsonProcessingException e) {
      throw new MalformedException("not JSON: " + e.getOriginalMessage());
    }
  }

  private byte[] write(JsonNode node) {
    try {
      return json.writeValueAsBytes(node);
    } catch (IOException e) {
      throw new IllegalStateException("a tree in memory can always be written", e);
    }
  }
}

package dev.writ.sidecar.control;

import dev.writ.contract.Base64Url;
import dev.writ.contract.Digests;
import dev.writ.contract.MalformedException;
import dev.writ.contract.Names;
import dev.writ.contract.json.JsonValue.JsonString;
import dev.writ.contract.json.JsonWriter;
import dev.writ.contract.key.PrivateKey;
import dev.writ.contract.quota.AllowanceAnswer;
import dev.writ.contract.quota.AllowanceRequest;
import dev.writ.sidecar.Configuration;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodySubscriber;
import java.net.http.HttpResponse.BodySubscribers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * The operator's HTTP API. Blocks, so for virtual threads only. Thread-safe. (architecture.md,
 * Control API)
 */
final class Operator {
  private static final int MAX_ANSWER = 8 << 20;
  private static final long MAX_TOKEN = 16 * 1024;

  private final Configuration.Cluster cluster;
  private final OperatorTrust trust;
  private final String boot;
  private final Duration patience;

  /**
   * The operator of a cluster.
   *
   * @param patience within which a whole answer has to be there, and of events its head
   */
  Operator(Configuration.Cluster cluster, String boot, Duration patience) {
    this.cluster = cluster;
    this.trust = new OperatorTrust(cluster.caFile());
    this.boot = boot;
    this.patience = patience;
  }

  /**
   * Enrols the key and gives back the answer's bytes. The proof binds the key to this very token.
   */
  byte[] enrol(PrivateKey key) throws OperatorException, InterruptedException {
    String token = token();
    String jkt = key.publicKey().thumbprint();
    String statement =
        Names.ENROL_PROOF_PREFIX + jkt + ":" + Base64Url.encode(Digests.sha256(token));
    JsonWriter json = new JsonWriter().beginObject().name("jwk").beginObject();
    json.member("kty", "OKP").member("crv", "Ed25519").member("x", key.publicKey().x()).endObject();
    json.member("boot", boot);
    json.member("proof", Base64Url.encode(key.sign(statement.getBytes(StandardCharsets.UTF_8))))
        .endObject();
    Reply reply = post(Names.ENROL_PATH, token, json.toBytes());
    if (reply.status != 200) {
      throw refused("enrol", reply);
    }
    return reply.body;
  }

  /**
   * Ships records, or none, to confirm an epoch.
   *
   * @return what the operator has of that boot, and whether it asks to go on from there because the
   *     batch did not fit
   */
  Acknowledged records(String recordsBoot, long applied, List<String> lines)
      throws OperatorException, InterruptedException {
    JsonWriter json =
        new JsonWriter().beginObject().member("boot", recordsBoot).member("applied", applied);
    json.member("records", lines).endObject();
    Reply reply = post(Names.RECORDS_PATH, token(), json.toBytes());
    if (reply.status != 200 && reply.status != 409) {
      throw refused("ship records", reply);
    }
    try {
      return new Acknowledged(
          Answer.parse("records", reply.body).number("acked"), reply.status == 409);
    } catch (MalformedException e) {
      throw new OperatorException(
          "couldn't ship records: the answer is unusable: " + e.getMessage(), e);
    }
  }

  /**
   * Tells totals and asks for more.
   *
   * @throws BootClosedException this boot was settled
   */
  AllowanceAnswer allowances(AllowanceRequest request)
      throws OperatorException, InterruptedException {
    Reply reply = post(Names.ALLOWANCES_PATH, token(), request.bytes());
    if (reply.status == 409) {
      throw new BootClosedException("the ledger has settled this boot");
    }
    if (reply.status != 200) {
      throw refused("be granted calls", reply);
    }
    try {
      return AllowanceAnswer.parse(reply.body);
    } catch (MalformedException e) {
      throw new OperatorException(
          "couldn't be granted calls: the answer is unusable: " + e.getMessage(), e);
    }
  }

  /** The ledger grants nothing to this boot any more. */
  static final class BootClosedException extends OperatorException {
    private static final long serialVersionUID = 1L;

    BootClosedException(String message) {
      super(message);
    }
  }

  /**
   * How far the operator has a boot's records.
   *
   * @param seq everything up to it is stored
   * @param gap the batch was refused: ship from the record after {@code seq}
   */
  record Acknowledged(long seq, boolean gap) {}

  /** Opens the event stream; the caller closes it. */
  InputStream events() throws OperatorException, InterruptedException {
    HttpRequest request =
        request(Names.EVENTS_PATH, token()).header("Accept", "text/event-stream").GET().build();
    HttpResponse<InputStream> response =
        send(
            request,
            info ->
                info.statusCode() == 200
                    ? BodySubscribers.ofInputStream()
                    : BodySubscribers.mapping(bounded(), ByteArrayInputStream::new));
    if (response.statusCode() == 200) {
      return response.body();
    }
    try (InputStream body = response.body()) {
      throw refused("follow events", new Reply(response.statusCode(), body.readAllBytes()));
    } catch (IOException e) {
      throw new OperatorException("couldn't follow events: status " + response.statusCode(), e);
    }
  }

  private Reply post(String path, String token, byte[] json)
      throws OperatorException, InterruptedException {
    HttpRequest request =
        request(path, token)
            .header("Content-Type", "application/json")
            .POST(HttpRequest.BodyPublishers.ofByteArray(json))
            .build();
    HttpResponse<byte[]> response = send(request, _ -> bounded());
    return new Reply(response.statusCode(), response.body());
  }

  private static BodySubscriber<byte[]> bounded() {
    return BodySubscribers.limiting(BodySubscribers.ofByteArray(), MAX_ANSWER);
  }

  private HttpRequest.Builder request(String path, String token) {
    return HttpRequest.newBuilder(cluster.operator().resolve(path))
        .header("Authorization", "Bearer " + token);
  }

  private <T> HttpResponse<T> send(HttpRequest request, HttpResponse.BodyHandler<T> handler)
      throws OperatorException, InterruptedException {
    CompletableFuture<HttpResponse<T>> answer = trust.client().sendAsync(request, handler);
    try {
      // The client's own timeout ends with the head: an operator that dies after it would be waited
      // for without end.
      return answer.get(patience.toMillis(), TimeUnit.MILLISECONDS);
    } catch (TimeoutException e) {
      throw unreachable("no whole answer within " + patience.toMillis() + " ms", e);
    } catch (ExecutionException e) {
      Throwable cause = e.getCause() == null ? e : e.getCause();
      throw unreachable(
          cause.getMessage() == null ? cause.getClass().getSimpleName() : cause.getMessage(), e);
    } finally {
      answer.cancel(true);
    }
  }

  private OperatorException unreachable(String why, Exception cause) {
    return new OperatorException("couldn't reach " + cluster.operator() + ": " + why, cause);
  }

  /** The kubelet rotates the token, so it is read each time. */
  private String token() throws OperatorException {
    try {
      if (Files.size(cluster.tokenFile()) > MAX_TOKEN) {
        throw new OperatorException(
            "couldn't use the token in "
                + cluster.tokenFile()
                + ": larger than "
                + MAX_TOKEN
                + " bytes");
      }
      String token = Files.readString(cluster.tokenFile(), StandardCharsets.ISO_8859_1).strip();
      if (token.isEmpty() || !token.chars().allMatch(c -> c > ' ' && c < 0x7f)) {
        throw new OperatorException(
            "couldn't use the token in " + cluster.tokenFile() + ": it is no token");
      }
      return token;
    } catch (IOException e) {
      throw new OperatorException(
          "couldn't read the token in " + cluster.tokenFile() + ": " + e.getClass().getSimpleName(),
          e);
    }
  }

  private static OperatorException refused(String what, Reply reply) {
    String detail = "";
    try {
      if (Answer.parse("problem", reply.body).object().get("detail") instanceof JsonString text) {
        detail = ": " + text.value();
      }
    } catch (MalformedException e) {
      detail = " without a problem document";
    }
    return new OperatorException("couldn't " + what + ": status " + reply.status + detail, true);
  }

  private static final class Reply {
    private final int status;
    private final byte[] body;

    Reply(int status, byte[] body) {
      this.status = status;
      this.body = body;
    }
  }
}

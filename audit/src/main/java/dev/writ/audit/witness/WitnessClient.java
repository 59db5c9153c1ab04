package dev.writ.audit.witness;

import dev.writ.audit.merkle.Hash;
import dev.writ.audit.note.Cosignature;
import dev.writ.audit.note.NoteSignature;
import dev.writ.audit.note.SignedNote;
import dev.writ.audit.note.VerifierKey;
import dev.writ.contract.MalformedException;
import dev.writ.contract.key.Ed25519;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;

/** A witness behind HTTP (C2SP tlog-witness, add-checkpoint). Thread-safe. */
public final class WitnessClient implements Witness {
  private static final int MAX_ANSWER = 16 * 1024;

  private final URI endpoint;
  private final VerifierKey key;
  private final HttpClient client;
  private final Duration timeout;
  private final Ed25519 ed25519;

  /**
   * A witness.
   *
   * @param prefix its submission prefix
   * @param timeout for one request, answer included
   */
  public WitnessClient(
      URI prefix, VerifierKey key, HttpClient client, Duration timeout, Ed25519 ed25519) {
    if (key.type() != VerifierKey.Type.COSIGNATURE) {
      throw new IllegalArgumentException("the key of " + key.name() + " is not a witness's");
    }
    String text = prefix.toString();
    this.endpoint = URI.create((text.endsWith("/") ? text : text + "/") + "add-checkpoint");
    this.key = key;
    this.client = client;
    this.timeout = timeout;
    this.ed25519 = ed25519;
  }

  @Override
  public VerifierKey key() {
    return key;
  }

  @Override
  public Answer show(long old, List<Hash> proof, SignedNote checkpoint) throws IOException {
    HttpRequest request =
        HttpRequest.newBuilder(endpoint)
            .timeout(timeout)
            .POST(HttpRequest.BodyPublishers.ofByteArray(body(old, proof, checkpoint)))
            .build();
    try {
      HttpResponse<InputStream> response =
          client.send(request, HttpResponse.BodyHandlers.ofInputStream());
      try (InputStream body = response.body()) {
        String text = new String(body.readNBytes(MAX_ANSWER), StandardCharsets.UTF_8);
        return answer(response.statusCode(), text, checkpoint);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw (IOException)
          new InterruptedIOException("interrupted while asking " + key.name()).initCause(e);
    } catch (MalformedException e) {
      throw new IOException("couldn't read the answer of " + key.name() + ": " + e.getMessage(), e);
    }
  }

  private static byte[] body(long old, List<Hash> proof, SignedNote checkpoint) {
    ByteArrayOutputStream body = new ByteArrayOutputStream();
    StringBuilder head = new StringBuilder("old ").append(old).append('\n');
    proof.forEach(hash -> head.append(hash.toBase64()).append('\n'));
    body.writeBytes(head.append('\n').toString().getBytes(StandardCharsets.US_ASCII));
    body.writeBytes(checkpoint.toBytes());
    return body.toByteArray();
  }

  private Answer answer(int status, String text, SignedNote checkpoint)
      throws IOException, MalformedException {
    return switch (status) {
      case 200 -> {
        List<NoteSignature> signatures = Cosignature.read(text, checkpoint.text(), key, ed25519);
        if (signatures.isEmpty()) {
          throw new IOException(key.name() + " answered without a cosignature by its key");
        }
        yield new Answer.Cosigned(signatures);
      }
      case 409 -> {
        if (!text.matches("(0|[1-9][0-9]{0,17})\n")) {
          throw new IOException(key.name() + " answered 409 without the size it saw");
        }
        yield new Answer.SawSize(Long.parseLong(text.stripTrailing()));
      }
      case 400, 403, 404, 422 -> new Answer.Refused("status " + status);
      default -> throw new IOException(key.name() + " answered " + status);
    };
  }
}

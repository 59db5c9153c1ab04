package dev.writ.audit.log;

import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** A log behind a URL, read as C2SP tlog-tiles says. Thread-safe. */
public final class HttpSource implements LogSource {
  /** 256 entries of the greatest length; no tile is longer. */
  private static final int MAX_BYTES = 256 * (2 + 0xffff);

  private static final Duration TIMEOUT = Duration.ofSeconds(30);

  private final String prefix;
  private final HttpClient client;

  /**
   * A log.
   *
   * @param prefix everything before {@code checkpoint} and {@code tile/}
   */
  public HttpSource(URI prefix, HttpClient client) {
    String text = prefix.toString();
    this.prefix = text.endsWith("/") ? text : text + "/";
    this.client = client;
  }

  @Override
  public byte @Nullable [] read(String path) throws IOException {
    HttpRequest request =
        HttpRequest.newBuilder(URI.create(prefix + path)).timeout(TIMEOUT).build();
    try {
      HttpResponse<InputStream> response =
          client.send(request, HttpResponse.BodyHandlers.ofInputStream());
      try (InputStream body = response.body()) {
        if (response.statusCode() == 404) {
          return null;
        }
        if (response.statusCode() != 200) {
          throw new IOException("status " + response.statusCode() + " from " + prefix + path);
        }
        byte[] bytes = body.readNBytes(MAX_BYTES + 1);
        if (bytes.length > MAX_BYTES) {
          throw new IOException("more bytes than a tile has from " + prefix + path);
        }
        return bytes;
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw (IOException)
          new InterruptedIOException("interrupted while reading " + path).initCause(e);
    }
  }
}

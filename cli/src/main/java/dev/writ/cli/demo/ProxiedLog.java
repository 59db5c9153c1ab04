package dev.writ.cli.demo;

import dev.writ.audit.log.LogSource;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.http.HttpRequest;
import io.fabric8.kubernetes.client.http.HttpResponse;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * The operator's log through the API server's proxy: nothing has to be reachable from here. Who
 * carries it is no matter, it is verified.
 */
final class ProxiedLog implements LogSource {
  private static final long SECONDS = 30;

  private final KubernetesClient client;
  private final String prefix;

  ProxiedLog(KubernetesClient client, String namespace) {
    this.client = client;
    String base = client.getMasterUrl().toString();
    this.prefix =
        (base.endsWith("/") ? base : base + "/")
            + "api/v1/namespaces/"
            + namespace
            + "/services/https:writ-operator:https/proxy/log/";
  }

  @Override
  public byte @Nullable [] read(String path) throws IOException {
    HttpRequest request = client.getHttpClient().newHttpRequestBuilder().uri(prefix + path).build();
    try {
      HttpResponse<byte[]> response =
          client.getHttpClient().sendAsync(request, byte[].class).get(SECONDS, TimeUnit.SECONDS);
      if (response.code() == 404) {
        return null;
      }
      if (!response.isSuccessful()) {
        throw new IOException("status " + response.code() + " for " + path + " of the log");
      }
      return response.body();
    } catch (ExecutionException | TimeoutException e) {
      throw new IOException("couldn't read " + path + " of the log: " + e.getMessage(), e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw (IOException)
          new InterruptedIOException("interrupted while reading " + path).initCause(e);
    }
  }
}

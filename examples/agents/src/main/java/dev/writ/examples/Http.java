package dev.writ.examples;

import java.io.IOException;
import java.io.InputStream;
import java.net.HttpURLConnection;
import java.net.InetSocketAddress;
import java.net.Proxy;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.Map;

/** Plain HTTP through the proxy that {@code HTTP_PROXY} names, as any program would do it. */
final class Http {
  private static final int CONNECT_MILLIS = 5_000;
  private static final int READ_MILLIS = 30_000;
  private static final int AGAIN = 30;
  private static final long AGAIN_MILLIS = 1_000;

  private final Proxy proxy;

  Http(Map<String, String> environment) {
    // A POST that the JDK repeats by itself would be a second call nobody asked for.
    System.setProperty("sun.net.http.retryPost", "false");
    System.setProperty("http.maxConnections", "64");
    String named = environment.getOrDefault("HTTP_PROXY", environment.get("http_proxy"));
    if (named == null || named.isEmpty()) {
      proxy = Proxy.NO_PROXY;
    } else {
      URI uri = URI.create(named);
      proxy = new Proxy(Proxy.Type.HTTP, new InetSocketAddress(uri.getHost(), uri.getPort()));
    }
  }

  Answer get(String url) throws IOException {
    return persist(() -> exchange(open(url)));
  }

  Answer post(String url, String json) throws IOException {
    return post(url, json, Map.of());
  }

  Answer post(String url, String json, Map<String, String> fields) throws IOException {
    return persist(
        () -> {
          HttpURLConnection connection = open(url);
          fields.forEach(connection::setRequestProperty);
          connection.setRequestMethod("POST");
          connection.setRequestProperty("Content-Type", "application/json");
          connection.setDoOutput(true);
          try (var out = connection.getOutputStream()) {
            out.write(json.getBytes(StandardCharsets.UTF_8));
          }
          return exchange(connection);
        });
  }

  private interface Call {
    Answer make() throws IOException;
  }

  /** The gate may have no call at hand for a moment: then it says to come again in a second. */
  private static Answer persist(Call call) throws IOException {
    Answer answer = call.make();
    for (int again = 0; again < AGAIN && answer.code().equals("quota-unavailable"); again++) {
      try {
        Thread.sleep(AGAIN_MILLIS);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        return answer;
      }
      answer = call.make();
    }
    return answer;
  }

  private HttpURLConnection open(String url) throws IOException {
    var connection = (HttpURLConnection) URI.create(url).toURL().openConnection(proxy);
    connection.setConnectTimeout(CONNECT_MILLIS);
    connection.setReadTimeout(READ_MILLIS);
    return connection;
  }

  private static Answer exchange(HttpURLConnection connection) throws IOException {
    int status = connection.getResponseCode();
    try (InputStream in =
        status < 400 ? connection.getInputStream() : connection.getErrorStream()) {
      String body = in == null ? "" : new String(in.readAllBytes(), StandardCharsets.UTF_8);
      String remaining = connection.getHeaderField("Capability-Remaining");
      return new Answer(status, body, remaining == null ? "" : remaining);
    }
  }
}

package dev.writ.cli.demo;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * HTTP/1.1 by hand: exactly these bytes on a new connection, as somebody on the network sends them.
 */
final class Wire {
  private static final int TIMEOUT_MILLIS = 10_000;
  private static final int MAX_HEAD = 64 * 1024;

  /**
   * An answer.
   *
   * @param headers by lower-case name
   */
  record Reply(int status, Map<String, String> headers, String body) {
    Optional<String> header(String name) {
      return Optional.ofNullable(headers.get(name.toLowerCase(Locale.ROOT)));
    }
  }

  private Wire() {}

  /** Sends the bytes and reads one answer. */
  static Reply send(String host, int port, byte[] request) throws IOException {
    try (Socket socket = new Socket()) {
      socket.setSoTimeout(TIMEOUT_MILLIS);
      socket.connect(new InetSocketAddress(host, port), TIMEOUT_MILLIS);
      socket.getOutputStream().write(request);
      socket.getOutputStream().flush();
      return read(socket.getInputStream());
    }
  }

  static Reply get(String host, int port, String target) throws IOException {
    String request =
        "GET "
            + target
            + " HTTP/1.1\r\nHost: "
            + host
            + ":"
            + port
            + "\r\nConnection: close\r\n\r\n";
    return send(host, port, request.getBytes(StandardCharsets.ISO_8859_1));
  }

  private static Reply read(InputStream in) throws IOException {
    String[] lines = head(in).split("\r\n", 0);
    String[] status = lines[0].split(" ", 3);
    Map<String, String> headers = new TreeMap<>();
    for (int i = 1; i < lines.length; i++) {
      int colon = lines[i].indexOf(':');
      headers.put(
          lines[i].substring(0, colon).toLowerCase(Locale.ROOT),
          lines[i].substring(colon + 1).strip());
    }
    String length = headers.get("content-length");
    byte[] body = length == null ? in.readAllBytes() : in.readNBytes(Integer.parseInt(length));
    return new Reply(
        Integer.parseInt(status[1]), headers, new String(body, StandardCharsets.UTF_8));
  }

  private static String head(InputStream in) throws IOException {
    var head = new ByteArrayOutputStream();
    int newlines = 0;
    while (newlines < 2) {
      int next = in.read();
      if (next < 0 || head.size() > MAX_HEAD) {
        throw new IOException("the connection was closed without an answer");
      }
      head.write(next);
      newlines = next == '\n' ? newlines + 1 : next == '\r' ? newlines : 0;
    }
    return head.toString(StandardCharsets.ISO_8859_1);
  }
}

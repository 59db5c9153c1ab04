package dev.writ.sidecar.process;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;

import dev.writ.contract.verify.Field;
import java.io.ByteArrayOutputStream;
import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** One connection, byte by byte: what an HTTP library would not send can be sent. */
public final class Wire implements Closeable {
  private static final int PATIENCE_MILLIS = 20_000;

  private final Socket socket = new Socket();
  private final InputStream in;

  Wire(int port) throws IOException {
    socket.setTcpNoDelay(true);
    socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), PATIENCE_MILLIS);
    socket.setSoTimeout(PATIENCE_MILLIS);
    in = socket.getInputStream();
  }

  /**
   * An answer.
   *
   * @param fields lower-case names
   */
  public record Reply(int status, List<Field> fields, String text) {
    Optional<String> field(String name) {
      return fields.stream()
          .filter(f -> f.name().equals(name.toLowerCase(Locale.ROOT)))
          .map(Field::value)
          .findFirst();
    }

    /** The word of a problem document, empty when it is none. */
    String code() {
      int at = text.indexOf("\"code\":\"");
      return at < 0 ? "" : text.substring(at + 8, text.indexOf('"', at + 8));
    }
  }

  void send(String text) throws IOException {
    send(text.getBytes(ISO_8859_1));
  }

  void send(byte[] bytes) throws IOException {
    socket.getOutputStream().write(bytes);
    socket.getOutputStream().flush();
  }

  /** Reads an answer to its end. */
  Reply reply(boolean toHead) throws IOException {
    Reply head = head();
    if (head.status() == 100) {
      return reply(toHead);
    }
    ByteArrayOutputStream body = new ByteArrayOutputStream();
    if (!toHead && head.field("content-length").isPresent()) {
      body.write(in.readNBytes(Integer.parseInt(head.field("content-length").get())));
    } else if (!toHead && head.field("transfer-encoding").isPresent()) {
      for (byte[] chunk = chunk(); chunk.length > 0; chunk = chunk()) {
        body.write(chunk);
      }
    }
    return new Reply(head.status(), head.fields(), body.toString(UTF_8));
  }

  /** Reads status line and fields. */
  Reply head() throws IOException {
    String status = line();
    if (!status.startsWith("HTTP/1.1 ")) {
      throw new IOException("no status line: " + status);
    }
    List<Field> fields = new ArrayList<>();
    for (String line = line(); !line.isEmpty(); line = line()) {
      int colon = line.indexOf(':');
      fields.add(
          new Field(
              line.substring(0, colon).toLowerCase(Locale.ROOT),
              line.substring(colon + 1).strip()));
    }
    return new Reply(Integer.parseInt(status.substring(9, 12)), fields, "");
  }

  /** Reads one chunk of a chunked body, empty at its end. */
  byte[] chunk() throws IOException {
    int size = Integer.parseInt(line(), 16);
    byte[] data = in.readNBytes(size);
    line();
    return data;
  }

  /** Reads so many bytes. */
  byte[] bytes(int count) throws IOException {
    return in.readNBytes(count);
  }

  private String line() throws IOException {
    ByteArrayOutputStream line = new ByteArrayOutputStream();
    for (int b = in.read(); b != '\n'; b = in.read()) {
      if (b < 0) {
        throw new IOException("connection closed" + (line.size() == 0 ? "" : " within: " + line));
      }
      line.write(b);
    }
    return line.toString(ISO_8859_1).stripTrailing();
  }

  /** Whether the other side has closed: reads what is left. */
  boolean closed() {
    try {
      while (in.read() >= 0) {
        // What stands before the end is of no interest.
      }
      return true;
    } catch (java.net.SocketTimeoutException _) {
      return false;
    } catch (IOException _) {
      return true;
    }
  }

  void patience(int millis) throws IOException {
    socket.setSoTimeout(millis);
  }

  @Override
  public void close() throws IOException {
    socket.close();
  }
}

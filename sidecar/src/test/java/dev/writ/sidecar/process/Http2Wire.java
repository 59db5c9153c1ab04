package dev.writ.sidecar.process;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;

import dev.writ.contract.verify.Field;
import io.netty.buffer.Unpooled;
import io.netty.handler.codec.http2.DefaultHttp2HeadersDecoder;
import io.netty.handler.codec.http2.Http2Exception;
import io.vertx.core.buffer.Buffer;
import java.io.ByteArrayOutputStream;
import java.io.Closeable;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** One connection of HTTP/2, frame by frame: what an HTTP library would not send can be sent. */
final class Http2Wire implements Closeable {
  static final int DATA = 0;
  static final int HEADERS = 1;
  static final int PRIORITY = 2;
  static final int RST_STREAM = 3;
  static final int SETTINGS = 4;
  static final int PUSH_PROMISE = 5;
  static final int PING = 6;
  static final int GOAWAY = 7;
  static final int CONTINUATION = 9;
  static final int END_STREAM = 1;
  static final int ACK = 1;
  static final int END_HEADERS = 4;
  private static final int PRIORITISED = 32;
  private static final String PREFACE = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
  private static final int PATIENCE_MILLIS = 20_000;

  private final Socket socket = new Socket();
  private final DataInputStream in;
  private final DefaultHttp2HeadersDecoder decoder = new DefaultHttp2HeadersDecoder(false);
  private int stream = -1;

  /** One frame. */
  record Frame(int type, int flags, int stream, Buffer payload) {
    boolean is(int flag) {
      return (flags & flag) != 0;
    }

    /** The error code of RST_STREAM and GOAWAY. */
    int error() {
      return payload.getInt(type == GOAWAY ? 4 : 0);
    }
  }

  /**
   * What became of a stream.
   *
   * @param fields of head and trailers, in their order; empty when it was reset
   * @param blocks how many heads came: one for an answer that is trailers alone
   * @param reset error code of its RST_STREAM or of the connection's GOAWAY, -1 for none
   */
  record Reply(List<Field> fields, int blocks, Buffer body, int reset) {
    Optional<String> field(String name) {
      return fields.stream().filter(f -> f.name().equals(name)).map(Field::value).findFirst();
    }

    int status() {
      return field(":status").map(Integer::parseInt).orElse(0);
    }

    String text() {
      return body.toString(UTF_8);
    }

    String code() {
      int at = text().indexOf("\"code\":\"");
      return at < 0 ? "" : text().substring(at + 8, text().indexOf('"', at + 8));
    }
  }

  /** Connects and says the preface. */
  Http2Wire(int port) throws IOException {
    this(port, new byte[0]);
  }

  /** The same, in a tunnel that has to be asked for first. */
  Http2Wire(int port, byte[] connect) throws IOException {
    socket.setTcpNoDelay(true);
    socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), PATIENCE_MILLIS);
    socket.setSoTimeout(PATIENCE_MILLIS);
    in = new DataInputStream(socket.getInputStream());
    if (connect.length > 0) {
      send(connect);
      for (int seen = 0; seen != 0x0d0a0d0a; seen = seen << 8 | in.readUnsignedByte()) {
        // The head of the answer; whether it was granted shows in what comes next.
      }
    }
    ByteArrayOutputStream first = new ByteArrayOutputStream();
    first.writeBytes(PREFACE.getBytes(ISO_8859_1));
    first.writeBytes(frame(SETTINGS, 0, 0, new byte[0]));
    send(first.toByteArray());
  }

  /** The number of the next stream. */
  int next() {
    stream += 2;
    return stream;
  }

  void send(byte[] bytes) throws IOException {
    socket.getOutputStream().write(bytes);
    socket.getOutputStream().flush();
  }

  static byte[] frame(int type, int flags, int stream, byte[] payload) {
    return ByteBuffer.allocate(9 + payload.length)
        .put((byte) (payload.length >> 16))
        .putShort((short) payload.length)
        .put((byte) type)
        .put((byte) flags)
        .putInt(stream)
        .put(payload)
        .array();
  }

  void send(int type, int flags, int on, byte[] payload) throws IOException {
    send(frame(type, flags, on, payload));
  }

  /** A block of fields, each spelled out: HPACK literals that nobody indexes. */
  static byte[] block(List<Field> fields) {
    ByteArrayOutputStream block = new ByteArrayOutputStream();
    for (Field field : fields) {
      block.write(0);
      string(block, field.name());
      string(block, field.value());
    }
    return block.toByteArray();
  }

  private static void string(ByteArrayOutputStream block, String text) {
    byte[] bytes = text.getBytes(ISO_8859_1);
    int left = bytes.length;
    if (left < 127) {
      block.write(left);
    } else {
      block.write(127);
      for (left -= 127; left >= 128; left >>= 7) {
        block.write((left & 127) | 128);
      }
      block.write(left);
    }
    block.writeBytes(bytes);
  }

  /** The fields of a request, pseudo-header fields first. */
  static List<Field> head(String method, String path, List<Field> more) {
    List<Field> fields = new ArrayList<>();
    fields.add(new Field(":method", method));
    fields.add(new Field(":scheme", "http"));
    fields.add(new Field(":path", path));
    fields.add(new Field(":authority", "ledger.bank"));
    fields.addAll(more);
    return fields;
  }

  /** Sends a whole request on a new stream. */
  int request(List<Field> fields, byte[] body) throws IOException {
    int on = next();
    int end = body.length == 0 ? END_STREAM : 0;
    send(HEADERS, END_HEADERS | end, on, block(fields));
    if (body.length > 0) {
      send(DATA, END_STREAM, on, body);
    }
    return on;
  }

  Frame read() throws IOException {
    int length = (in.readUnsignedByte() << 16) | in.readUnsignedShort();
    int type = in.readUnsignedByte();
    int flags = in.readUnsignedByte();
    int on = in.readInt() & 0x7fff_ffff;
    byte[] payload = new byte[length];
    in.readFully(payload);
    return new Frame(type, flags, on, Buffer.buffer(payload));
  }

  /** Reads until the stream is over, or the connection. */
  Reply reply(int on) throws IOException {
    List<Field> fields = new ArrayList<>();
    Buffer body = Buffer.buffer();
    int blocks = 0;
    while (true) {
      Frame frame = read();
      if (frame.type() == GOAWAY && frame.error() != 0) {
        return new Reply(fields, blocks, body, frame.error());
      }
      if (frame.type() == HEADERS) {
        List<Field> decoded = decode(frame);
        if (frame.stream() == on) {
          blocks++;
          fields.addAll(decoded);
        }
      }
      if (frame.stream() != on) {
        continue;
      }
      if (frame.type() == DATA) {
        body.appendBuffer(frame.payload());
      }
      if (frame.type() == RST_STREAM) {
        return new Reply(fields, blocks, body, frame.error());
      }
      if ((frame.type() == HEADERS || frame.type() == DATA) && frame.is(END_STREAM)) {
        return new Reply(fields, blocks, body, -1);
      }
    }
  }

  /** The status with which the answer on a stream begins. */
  int begins(int on) throws IOException {
    while (true) {
      Frame frame = read();
      List<Field> fields = frame.type() == HEADERS ? decode(frame) : List.of();
      if (frame.type() == RST_STREAM && frame.stream() == on) {
        throw new IOException("reset: " + frame.error());
      }
      if (frame.stream() == on && !fields.isEmpty()) {
        return Integer.parseInt(fields.getFirst().value());
      }
    }
  }

  /** The next data on a stream. */
  byte[] data(int on) throws IOException {
    while (true) {
      Frame frame = read();
      if (frame.type() == HEADERS) {
        decode(frame);
      } else if (frame.type() == DATA && frame.stream() == on) {
        return frame.payload().getBytes();
      } else if (frame.type() == RST_STREAM && frame.stream() == on) {
        throw new IOException("reset: " + frame.error());
      }
    }
  }

  /** The fields of a HEADERS frame; each has to be decoded, in its order. */
  List<Field> decode(Frame frame) throws IOException {
    List<Field> fields = new ArrayList<>();
    int from = frame.is(PRIORITISED) ? 5 : 0;
    try {
      decoder
          .decodeHeaders(
              frame.stream(),
              Unpooled.wrappedBuffer(frame.payload().getBytes(from, frame.payload().length())))
          .forEach(
              field ->
                  fields.add(new Field(field.getKey().toString(), field.getValue().toString())));
      return fields;
    } catch (Http2Exception e) {
      throw new IOException(e);
    }
  }

  /** The error code of the GOAWAY that the connection ends with, -1 when it ends without one. */
  int goAway() throws IOException {
    try {
      while (true) {
        Frame frame = read();
        if (frame.type() == GOAWAY && frame.error() != 0) {
          return frame.error();
        }
      }
    } catch (EOFException | java.net.SocketException _) {
      return -1;
    }
  }

  /** Whether the other side has closed: reads what is left. */
  boolean closed() {
    try {
      while (in.read() >= 0) {
        // What stands before the end is of no interest.
      }
      return true;
    } catch (SocketTimeoutException _) {
      return false;
    } catch (IOException _) {
      return true;
    }
  }

  @Override
  public void close() throws IOException {
    socket.close();
  }
}

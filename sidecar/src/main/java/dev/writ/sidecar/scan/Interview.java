package dev.writ.sidecar.scan;

import dev.writ.contract.Base64Url;
import dev.writ.contract.MalformedException;
import dev.writ.contract.Names;
import dev.writ.contract.Problem;
import dev.writ.contract.scan.ScanReport.Answer;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Finds out who answers on an open port: asks for a challenge, which a gate gives to everybody and
 * never shows to its app, and then makes a request without a contract, which a gate refuses. Reads
 * little, and not for long, whatever comes.
 */
final class Interview {
  private static final String NO_CONTRACT = "/.well-known/writ/no-contract";
  private static final int MAX_ANSWER = 16 * 1024;
  private static final int CONNECT_MILLIS = 2_000;
  private static final int THUMBPRINT = 32;

  /** Version, boot and time of a challenge stand before the thumbprint's beginning. */
  private static final int BEFORE_KEY = 1 + 8 + 8;

  private static final int KEY_PART = 8;
  private static final int CHALLENGE = BEFORE_KEY + KEY_PART + 16;

  private final SecureRandom random;
  private final LongSupplier nanos;
  private final long patienceNanos;

  /**
   * With this patience.
   *
   * @param patienceNanos for one answer, from its connection to its end
   */
  Interview(SecureRandom random, LongSupplier nanos, long patienceNanos) {
    this.random = random;
    this.nanos = nanos;
    this.patienceNanos = patienceNanos;
  }

  /**
   * What an HTTP server said, a character for each byte: its head, and as much as came of a body.
   */
  private record Reply(int status, String head, String body) {
    @Nullable String field(String name) {
      for (String line : head.split("\r\n", -1)) {
        int colon = line.indexOf(':');
        if (colon > 0 && line.substring(0, colon).toLowerCase(Locale.ROOT).equals(name)) {
          return line.substring(colon + 1).strip();
        }
      }
      return null;
    }
  }

  /** Asks a port that took a connection a moment ago. */
  Answer ask(InetAddress address, int port) {
    byte[] key = new byte[THUMBPRINT];
    random.nextBytes(key);
    InetSocketAddress target = new InetSocketAddress(address, port);
    String query = Names.CHALLENGE_PATH + "?" + Names.CHALLENGE_JKT + "=" + Base64Url.encode(key);
    byte[] raw = exchange(target, query);
    if (raw.length == 0) {
      return Answer.NOBODY;
    }
    Reply challenge = reply(raw);
    if (challenge == null || challenge.status != 200 || !isFor(key, challenge)) {
      return Answer.OTHER;
    }
    Reply refusal = reply(exchange(target, NO_CONTRACT));
    return refusal != null && isRefusal(refusal) ? Answer.GATE : Answer.SHADOW;
  }

  /** The challenge carries the beginning of the key that it was asked for. */
  private static boolean isFor(byte[] key, Reply reply) {
    String nonce = reply.field(Names.HEADER_NONCE.toLowerCase(Locale.ROOT));
    try {
      byte[] bytes = nonce == null ? new byte[0] : Base64Url.decode(nonce);
      return bytes.length == CHALLENGE
          && bytes[0] == 1
          && Arrays.equals(bytes, BEFORE_KEY, BEFORE_KEY + KEY_PART, key, 0, KEY_PART);
    } catch (MalformedException _) {
      return false;
    }
  }

  private static boolean isRefusal(Reply reply) {
    try {
      return Problem.MEDIA_TYPE.equals(reply.field("content-type"))
          && Problem.read(reply.body.getBytes(StandardCharsets.ISO_8859_1)).code().status()
              == reply.status;
    } catch (MalformedException _) {
      return false;
    }
  }

  private static @Nullable Reply reply(byte[] raw) {
    String text = new String(raw, StandardCharsets.ISO_8859_1);
    int end = text.indexOf("\r\n\r\n");
    if (end < 0 || !text.matches("(?s)HTTP/1\\.1 [1-5][0-9]{2}[ \r].*")) {
      return null;
    }
    return new Reply(
        Integer.parseInt(text.substring(9, 12)), text.substring(0, end), text.substring(end + 4));
  }

  /** What came until the end of the connection, of the patience, or of what is read at most. */
  private byte[] exchange(InetSocketAddress target, String path) {
    long deadline = nanos.getAsLong() + patienceNanos;
    byte[] answer = new byte[MAX_ANSWER];
    int length = 0;
    try (Socket socket = new Socket()) {
      socket.setSoLinger(true, 0);
      socket.connect(target, CONNECT_MILLIS);
      socket
          .getOutputStream()
          .write(
              ("GET " + path + " HTTP/1.1\r\nhost: writ-check\r\nconnection: close\r\n\r\n")
                  .getBytes(StandardCharsets.US_ASCII));
      InputStream in = socket.getInputStream();
      while (length < answer.length) {
        long left = TimeUnit.NANOSECONDS.toMillis(deadline - nanos.getAsLong());
        if (left <= 0) {
          break;
        }
        socket.setSoTimeout((int) left);
        int read = in.read(answer, length, answer.length - length);
        if (read < 0) {
          break;
        }
        length += read;
      }
    } catch (IOException _) {
      // What came before it counts.
    }
    return Arrays.copyOf(answer, length);
  }
}

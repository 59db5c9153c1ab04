package dev.writ.sidecar.capture;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;

/**
 * Reads {@code /proc/net/tcp}, {@code tcp6}, {@code udp} and {@code udp6}: sockets of the whole
 * pod, whoever owns them. Pure.
 */
final class SocketTable {
  private static final int LOCAL = 1;
  private static final int STATE = 3;
  private static final int INODE = 9;
  private static final int WORD = 4;

  /** What the kernel calls the state. */
  enum State {
    /** Of TCP. */
    LISTEN("0A"),
    /** Of UDP: takes datagrams from anybody. */
    UNCONNECTED("07");

    private final String code;

    State(String code) {
      this.code = code;
    }
  }

  /**
   * One socket.
   *
   * @param inode as in {@code /proc/self/fd}
   */
  record Socket(InetAddress address, int port, String inode) {}

  private SocketTable() {}

  /**
   * The sockets in that state, as far as the lines can be read: what the kernel adds to a line
   * later does not matter.
   *
   * @throws IllegalArgumentException for a line that cannot be read: then nothing is known
   */
  static List<Socket> read(List<String> lines, State state) {
    List<Socket> sockets = new ArrayList<>();
    for (String line : lines.subList(Math.min(1, lines.size()), lines.size())) {
      String[] fields = line.trim().split("\\s+", -1);
      if (fields.length <= INODE) {
        throw new IllegalArgumentException("\"" + line + "\" is no line of a socket table");
      }
      if (fields[STATE].equals(state.code)) {
        int colon = fields[LOCAL].indexOf(':');
        sockets.add(
            new Socket(
                address(fields[LOCAL].substring(0, Math.max(colon, 0))),
                Integer.parseInt(fields[LOCAL].substring(colon + 1), 16),
                fields[INODE]));
      }
    }
    return sockets;
  }

  /** Words of four bytes, each in the machine's order; all machines that run this are little. */
  private static InetAddress address(String hex) {
    byte[] bytes = HexFormat.of().parseHex(hex);
    for (int word = 0; word + WORD <= bytes.length; word += WORD) {
      for (int i = 0; i < WORD / 2; i++) {
        byte low = bytes[word + i];
        bytes[word + i] = bytes[word + WORD - 1 - i];
        bytes[word + WORD - 1 - i] = low;
      }
    }
    try {
      return InetAddress.getByAddress(bytes);
    } catch (UnknownHostException e) {
      throw new IllegalArgumentException("\"" + hex + "\" is no address", e);
    }
  }
}

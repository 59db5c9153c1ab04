package dev.writ.cli.cluster;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;

/**
 * Two neighbouring blocks of loopback addresses: in {@code 127.0.<block>.n} pod n has the address
 * that others reach, in {@code 127.0.<block + 1>.n} what is {@code 127.0.0.1} inside it.
 *
 * @param block odd, 1 to 253
 */
public record Loopback(int block) {
  private static final int PROBE_PORT = 16443;
  private static final int API_SERVER = 253;
  private static final int OPERATOR = 254;

  /** Checks the block. */
  public Loopback {
    if (block < 1 || block > 253 || block % 2 == 0) {
      throw new IllegalArgumentException("block: an odd number from 1 to 253, not " + block);
    }
  }

  /**
   * Finds blocks that no other demo on this machine uses.
   *
   * @throws IOException when none is free, or this system has no addresses beside 127.0.0.1
   */
  public static Loopback free() throws IOException {
    IOException last = null;
    for (int block = 1; block < 64; block += 2) {
      Loopback loopback = new Loopback(block);
      try (ServerSocket socket = new ServerSocket()) {
        socket.bind(new InetSocketAddress(InetAddress.getByName(loopback.apiServer()), PROBE_PORT));
        return loopback;
      } catch (IOException e) {
        last = e;
      }
    }
    throw new IOException(
        "couldn't find free addresses 127.0.x.y (the demo needs Linux, where all of 127.0.0.0/8 is"
            + " local)",
        last);
  }

  String apiServer() {
    return "127.0." + block + "." + API_SERVER;
  }

  /** Address of the operator's pod. */
  public String operator() {
    return "127.0." + block + "." + OPERATOR;
  }

  /**
   * Addresses of one pod.
   *
   * @param number 1 to 252
   */
  public PodAddress pod(int number) {
    if (number < 1 || number >= API_SERVER) {
      throw new IllegalArgumentException("number: 1 to 252, not " + number);
    }
    return new PodAddress("127.0." + block + "." + number, "127.0." + (block + 1) + "." + number);
  }
}

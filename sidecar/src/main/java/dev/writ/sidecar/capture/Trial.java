package dev.writ.sidecar.capture;

import dev.writ.contract.Names;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.NetworkInterface;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Real connections through the rules, from inside the pod: a pair of interfaces, one of which sends
 * what arrives at the other as if from outside. IPv6, because the kernel takes an IPv4 packet with
 * an address of its own for forged; both families pass the same chains, and the startup probe of
 * the sidecar comes by the family of the pod.
 */
final class Trial implements AutoCloseable {
  private static final String INSIDE = "writ-b";
  private static final String SENDER = "fe80::5717:a";
  private static final String RECEIVER = "fe80::5717:b";
  private static final Path OFF = Path.of("/proc/sys/net/ipv6/conf/default/disable_ipv6");
  private static final int ARRIVES_MILLIS = 5_000;

  /** Locally a packet takes microseconds: what is not there by then was dropped. */
  private static final int DROPPED_MILLIS = 1_000;

  private final List<ServerSocket> listening = new ArrayList<>();
  private final InetAddress target;

  private Trial(InetAddress target) {
    this.target = target;
  }

  /** Whether this pod has IPv6, on which a trial depends. */
  static boolean possible() throws IOException {
    return Files.exists(OFF) && Files.readString(OFF).strip().equals("0");
  }

  /** Makes the interfaces; they go with {@link #close}. */
  static Trial begin() throws IOException, InterruptedException {
    String sender = Rules.TRIAL_INTERFACE;
    removeWhatIsLeft(sender);
    Programs.run("ip", "link", "add", sender, "type", "veth", "peer", "name", INSIDE);
    for (String side : List.of(sender, INSIDE)) {
      String address = side.equals(sender) ? SENDER : RECEIVER;
      Programs.run("ip", "link", "set", side, "addrgenmode", "none", "up");
      Programs.run("ip", "-6", "address", "add", address + "/64", "dev", side, "nodad");
    }
    NetworkInterface out = NetworkInterface.getByName(sender);
    if (out == null) {
      throw new IOException("the interface " + sender + " that was made is not there");
    }
    byte[] receiver = InetAddress.getByName(RECEIVER).getAddress();
    return new Trial(Inet6Address.getByAddress(null, receiver, out.getIndex()));
  }

  /** A try before this one may have been cut off at any point. */
  private static void removeWhatIsLeft(String sender) throws InterruptedException {
    try {
      Programs.run("ip", "link", "delete", sender);
    } catch (IOException _) {
      // There is none, which is the rule.
    }
  }

  /**
   * Connects to every port.
   *
   * @throws IOException naming the first that is not led where it should be
   */
  void prove(List<Integer> ports) throws IOException {
    IntStream.range(0, ports.size()).forEach(n -> listen(Names.CAPTURED_PORT + n));
    listen(Names.ADMIN_PORT);
    int undeclared = listen(0);
    for (int n = 0; n < ports.size(); n++) {
      arrives(ports.get(n), Names.CAPTURED_PORT + n);
    }
    arrives(Names.PROVING_PORT, Names.ADMIN_PORT);
    dropped(undeclared);
    if (!ports.isEmpty()) {
      dropped(Names.CAPTURED_PORT);
    }
  }

  /** Says its own port to whoever connects. */
  private int listen(int port) {
    try {
      ServerSocket server = new ServerSocket();
      listening.add(server);
      server.bind(new InetSocketAddress("::", port));
      Thread.ofPlatform().daemon().start(() -> serve(server));
      return server.getLocalPort();
    } catch (IOException e) {
      throw new UncheckedIOException("couldn't listen on port " + port, e);
    }
  }

  private static void serve(ServerSocket server) {
    try {
      while (!server.isClosed()) {
        try (Socket connection = server.accept()) {
          byte[] name = String.valueOf(server.getLocalPort()).getBytes(StandardCharsets.US_ASCII);
          connection.getOutputStream().write(name);
        }
      }
    } catch (IOException _) {
      // Closed: the trial is over.
    }
  }

  private void arrives(int port, int listener) throws IOException {
    try (Socket socket = new Socket()) {
      socket.connect(new InetSocketAddress(target, port), ARRIVES_MILLIS);
      socket.setSoTimeout(ARRIVES_MILLIS);
      InputStream in = socket.getInputStream();
      String answer = new String(in.readAllBytes(), StandardCharsets.US_ASCII);
      if (!answer.equals(String.valueOf(listener))) {
        throw new IOException("port " + port + " led to \"" + answer + "\", not to " + listener);
      }
    } catch (SocketException | SocketTimeoutException e) {
      throw new IOException(
          "the rules were written, but port " + port + " is not redirected: " + e.getMessage(), e);
    }
  }

  private void dropped(int port) throws IOException {
    try (Socket socket = new Socket()) {
      socket.connect(new InetSocketAddress(target, port), DROPPED_MILLIS);
    } catch (SocketTimeoutException _) {
      return;
    }
    throw new IOException("the rules were written, but port " + port + " is open from outside");
  }

  @Override
  public void close() throws IOException {
    for (ServerSocket server : listening) {
      server.close();
    }
    try {
      Programs.run("ip", "link", "delete", Rules.TRIAL_INTERFACE);
      Programs.run("nft", "delete", "table", "inet", Rules.TRIAL_TABLE);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted", e);
    }
  }
}

package dev.writ.sidecar.capture;

import java.io.IOException;
import java.net.BindException;
import java.net.ConnectException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.PortUnreachableException;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.net.StandardProtocolFamily;
import java.nio.channels.ServerSocketChannel;
import java.nio.charset.StandardCharsets;

/**
 * A program for one side of a network: {@code ask} connects and prints what it met, {@code serve}
 * binds, says "app" to whoever comes, and stays.
 */
final class Peer {
  private static final int MILLIS = 1_500;
  private static final byte[] REQUEST =
      "GET /healthz HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n"
          .getBytes(StandardCharsets.US_ASCII);

  private Peer() {}

  public static void main(String[] arguments) throws Exception {
    for (int i = 1; i < arguments.length; i++) {
      String[] parts = arguments[i].split("\\|", -1);
      String result =
          switch (arguments[0]) {
            case "ask" ->
                parts[0].equals("udp")
                    ? datagram(parts[1], Integer.parseInt(parts[2]))
                    : ask(parts[1], Integer.parseInt(parts[2]));
            default -> serve(parts[0], parts[1], Integer.parseInt(parts[2]));
          };
      System.out.println(arguments[i] + " " + result);
    }
    System.out.flush();
    if (arguments[0].equals("serve")) {
      Thread.sleep(Long.MAX_VALUE);
    }
  }

  private static String ask(String host, int port) throws IOException {
    try (Socket socket = new Socket()) {
      socket.connect(new InetSocketAddress(host, port), MILLIS);
      socket.setSoTimeout(10_000);
      socket.getOutputStream().write(REQUEST);
      byte[] answer = socket.getInputStream().readNBytes(12);
      return new String(answer, StandardCharsets.US_ASCII).strip();
    } catch (SocketTimeoutException e) {
      return "dropped";
    } catch (ConnectException e) {
      return "refused";
    }
  }

  private static String datagram(String host, int port) throws IOException {
    try (DatagramSocket socket = new DatagramSocket()) {
      socket.connect(new InetSocketAddress(host, port));
      socket.setSoTimeout(MILLIS);
      socket.send(new DatagramPacket(new byte[] {1}, 1));
      DatagramPacket answer = new DatagramPacket(new byte[64], 64);
      socket.receive(answer);
      return "app";
    } catch (SocketTimeoutException e) {
      return "dropped";
    } catch (PortUnreachableException e) {
      return "refused";
    }
  }

  private static String serve(String protocol, String host, int port) throws IOException {
    InetSocketAddress address = new InetSocketAddress(InetAddress.getByName(host), port);
    if (protocol.equals("udp")) {
      DatagramSocket socket = new DatagramSocket(address);
      Thread.ofPlatform().start(() -> echo(socket));
      return "bound";
    }
    try {
      ServerSocket server;
      if (protocol.equals("tcp4")) {
        server = ServerSocketChannel.open(StandardProtocolFamily.INET).bind(address).socket();
        server.getChannel().configureBlocking(true);
      } else {
        server = new ServerSocket();
        server.bind(address);
      }
      Thread.ofPlatform().start(() -> greet(server));
      return "bound";
    } catch (BindException e) {
      return "in use";
    }
  }

  private static void greet(ServerSocket server) {
    while (true) {
      try (Socket socket = server.accept()) {
        // Unread bytes would turn the end of the connection into a reset.
        socket.getInputStream().readNBytes(REQUEST.length);
        socket.getOutputStream().write("app".getBytes(StandardCharsets.US_ASCII));
      } catch (IOException e) {
        return;
      }
    }
  }

  private static void echo(DatagramSocket socket) {
    while (true) {
      try {
        DatagramPacket packet = new DatagramPacket(new byte[64], 64);
        socket.receive(packet);
        socket.send(packet);
      } catch (IOException e) {
        return;
      }
    }
  }
}

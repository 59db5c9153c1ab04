package dev.writ.sidecar.capture;

import dev.writ.sidecar.Address;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;

/**
 * Who else listens in this pod's network where others could reach it. (injection.md, Capture; R28)
 */
final class Listeners {
  private final Path proc;

  /** With the root of procfs. */
  Listeners(Path proc) {
    this.proc = proc;
  }

  /**
   * Sockets of others on any address but loopback, as {@code tcp host:port} or {@code udp
   * host:port}. An unconnected UDP socket counts below the range of ports that clients are given:
   * above it, it is one that asks somebody.
   *
   * @throws IOException when the kernel's tables can't be read: then nothing is known
   */
  Set<String> foreign() throws IOException {
    Set<String> own = ownInodes();
    Set<String> found = new TreeSet<>();
    try {
      for (String table : List.of("tcp", "tcp6")) {
        collect(
            found, "tcp", SocketTable.read(lines(table), SocketTable.State.LISTEN), own, 65_536);
      }
      for (String table : List.of("udp", "udp6")) {
        collect(
            found,
            "udp",
            SocketTable.read(lines(table), SocketTable.State.UNCONNECTED),
            own,
            firstClientPort());
      }
    } catch (IllegalArgumentException e) {
      throw new IOException("couldn't read a socket table: " + e.getMessage(), e);
    }
    return found;
  }

  private static void collect(
      Set<String> found,
      String protocol,
      List<SocketTable.Socket> sockets,
      Set<String> own,
      int end) {
    for (SocketTable.Socket socket : sockets) {
      if (!socket.address().isLoopbackAddress()
          && socket.port() < end
          && !own.contains(socket.inode())) {
        found.add(protocol + " " + new Address(socket.address().getHostAddress(), socket.port()));
      }
    }
  }

  /** Read after the tables would be too late: a socket of ours that is new would look foreign. */
  private Set<String> ownInodes() throws IOException {
    Set<String> inodes = new HashSet<>();
    try (DirectoryStream<Path> descriptors = Files.newDirectoryStream(proc.resolve("self/fd"))) {
      for (Path descriptor : descriptors) {
        try {
          String target = Files.readSymbolicLink(descriptor).toString();
          if (target.startsWith("socket:[")) {
            inodes.add(target.substring("socket:[".length(), target.length() - 1));
          }
        } catch (NoSuchFileException _) {
          // Closed since the folder was read.
        }
      }
    }
    return inodes;
  }

  /** The kernel lists listeners before connections; a pod without IPv6 has no table of it. */
  private List<String> lines(String table) throws IOException {
    try (Stream<String> lines = Files.lines(proc.resolve("net").resolve(table))) {
      return lines.toList();
    } catch (NoSuchFileException _) {
      return List.of();
    }
  }

  private int firstClientPort() throws IOException {
    String range = Files.readString(proc.resolve("sys/net/ipv4/ip_local_port_range")).trim();
    return Integer.parseInt(range.split("\\s+", -1)[0]);
  }
}

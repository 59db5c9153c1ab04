package dev.writ.sidecar.capture;

import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.NetworkInterface;
import java.net.SocketException;
import java.util.List;

/** Every address of this network namespace. */
public final class PodAddresses {
  private PodAddresses() {}

  /** Asks the kernel. */
  public static List<InetAddress> all() {
    try {
      return NetworkInterface.networkInterfaces().flatMap(NetworkInterface::inetAddresses).toList();
    } catch (SocketException e) {
      throw new UncheckedIOException("couldn't list the addresses of this pod", e);
    }
  }
}

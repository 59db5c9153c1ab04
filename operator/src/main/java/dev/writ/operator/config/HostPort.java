package dev.writ.operator.config;

import java.net.InetSocketAddress;

/**
 * An address to listen on. {@code [::]} and {@code 0.0.0.0} mean every address of the machine.
 *
 * @param host a name or a literal address, IPv6 without brackets
 * @param port 0 to 65535; 0 lets the system choose (tests)
 */
public record HostPort(String host, int port) {
  /** Checks both parts. */
  public HostPort {
    if (host.isEmpty()) {
      throw new IllegalArgumentException("host is empty");
    }
    if (port < 0 || port > 65_535) {
      throw new IllegalArgumentException("port " + port + " is not between 0 and 65535");
    }
  }

  /**
   * Reads {@code host:port} or {@code [v6]:port}.
   *
   * @throws IllegalArgumentException says which part is wrong
   */
  public static HostPort parse(String text) {
    int colon = text.lastIndexOf(':');
    if (colon <= 0) {
      throw new IllegalArgumentException("\"" + text + "\" is not host:port");
    }
    String host = text.substring(0, colon);
    String digits = text.substring(colon + 1);
    boolean bracketed = host.startsWith("[") && host.endsWith("]");
    if (bracketed) {
      host = host.substring(1, host.length() - 1);
    } else if (host.indexOf(':') >= 0) {
      throw new IllegalArgumentException("an IPv6 address is written [address]:port");
    }
    if (!digits.matches("[0-9]{1,5}")) {
      throw new IllegalArgumentException("\"" + digits + "\" is not a port");
    }
    return new HostPort(host, Integer.parseInt(digits));
  }

  /** The address as the JDK wants it, resolved now. */
  public InetSocketAddress resolve() {
    return new InetSocketAddress(host, port);
  }

  @Override
  public String toString() {
    return (host.indexOf(':') >= 0 ? "[" + host + "]" : host) + ":" + port;
  }
}

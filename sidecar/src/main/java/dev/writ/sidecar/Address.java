package dev.writ.sidecar;

/**
 * A host and port to listen on or to connect to. Written {@code host:port}; an IPv6 address stands
 * in brackets.
 *
 * @param host a name or address without brackets
 * @param port 1 to 65535
 */
public record Address(String host, int port) {
  public Address {
    if (host.isEmpty() || !host.chars().allMatch(Address::mayStandInHost)) {
      throw new IllegalArgumentException("host is not a name or address");
    }
    if (port < 1 || port > 65_535) {
      throw new IllegalArgumentException("port is not within 1 to 65535");
    }
  }

  /**
   * Reads {@code host:port} or {@code [address]:port}.
   *
   * @throws IllegalArgumentException when the text is anything else; the message fits behind "NAME:
   *     "
   */
  public static Address parse(String text) {
    int colon = text.lastIndexOf(':');
    if (colon < 0) {
      throw new IllegalArgumentException("\"" + text + "\" is not host:port");
    }
    String host = text.substring(0, colon);
    String port = text.substring(colon + 1);
    if (host.startsWith("[") && host.endsWith("]")) {
      host = host.substring(1, host.length() - 1);
      if (host.indexOf(':') < 0) {
        throw new IllegalArgumentException(
            "\"" + text + "\" has brackets around something that is not an IPv6 address");
      }
    } else if (host.indexOf(':') >= 0) {
      throw new IllegalArgumentException(
          "\"" + text + "\" is not host:port (an IPv6 address stands in brackets)");
    }
    if (port.isEmpty()
        || port.length() > 5
        || !port.chars().allMatch(c -> c >= '0' && c <= '9')
        || port.startsWith("0")) {
      throw new IllegalArgumentException("\"" + text + "\" has no port between 1 and 65535");
    }
    try {
      return new Address(host, Integer.parseInt(port));
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException("\"" + text + "\": " + e.getMessage(), e);
    }
  }

  private static boolean mayStandInHost(int c) {
    return (c >= 'a' && c <= 'z')
        || (c >= 'A' && c <= 'Z')
        || (c >= '0' && c <= '9')
        || ".-_:%".indexOf(c) >= 0;
  }

  /** The form that {@link #parse} reads. */
  @Override
  public String toString() {
    return host.indexOf(':') >= 0 ? "[" + host + "]:" + port : host + ":" + port;
  }
}

package dev.writ.sidecar.outbound;

import dev.writ.contract.MalformedException;
import dev.writ.sidecar.Address;
import java.util.List;
import java.util.Locale;

/**
 * Where the app wants its request to go. (RFC 9112, section 3.2)
 *
 * @param address name and port, as the app wrote them
 * @param authority for the {@code Host} field
 * @param path request target in origin-form (or {@code *})
 */
record Target(Address address, String authority, String path) {
  private static final String HTTP = "http://";

  /**
   * From a request in absolute-form (a proxy's client) or in origin-form (a client that calls the
   * helper itself and sets {@code Host}).
   *
   * @param uri request target as received
   * @param hosts all {@code Host} fields
   * @throws MalformedException with a sentence for the app's developer
   */
  static Target of(String uri, List<String> hosts) throws MalformedException {
    if (uri.startsWith("/") || uri.equals("*")) {
      if (hosts.size() != 1) {
        throw new MalformedException(
            "A request to the helper needs exactly one Host field that names the service.");
      }
      return new Target(address(hosts.getFirst(), 80), hosts.getFirst(), uri);
    }
    if (!uri.regionMatches(true, 0, HTTP, 0, HTTP.length())) {
      throw new MalformedException("The helper takes http:// targets; https goes through CONNECT.");
    }
    String rest = uri.substring(HTTP.length());
    int end = 0;
    while (end < rest.length() && "/?#".indexOf(rest.charAt(end)) < 0) {
      end++;
    }
    String authority = rest.substring(0, end);
    String path = rest.substring(end);
    if (path.indexOf('#') >= 0) {
      throw new MalformedException("A request target has no fragment.");
    }
    return new Target(address(authority, 80), authority, path.startsWith("/") ? path : "/" + path);
  }

  /** From the target of a CONNECT, which always has a port. */
  static Target ofConnect(String uri) throws MalformedException {
    return new Target(address(uri, 0), uri, "");
  }

  private static Address address(String authority, int defaultPort) throws MalformedException {
    boolean hasPort = authority.lastIndexOf(':') > authority.lastIndexOf(']');
    if (!hasPort && defaultPort == 0) {
      throw new MalformedException("The target has no port.");
    }
    try {
      return Address.parse(
          (hasPort ? authority : authority + ":" + defaultPort).toLowerCase(Locale.ROOT));
    } catch (IllegalArgumentException e) {
      throw new MalformedException("The target names no host and port: " + e.getMessage() + ".");
    }
  }
}

package dev.writ.contract.verify;

import java.util.List;
import java.util.Locale;
import java.util.Set;

/** Which fields do not pass the gate (protocol.md, section 4, step 14). */
public final class Forwarding {
  private static final Set<String> HOP_BY_HOP =
      Set.of(
          "connection",
          "keep-alive",
          "proxy-connection",
          "proxy-authenticate",
          "proxy-authorization",
          "te",
          "trailer",
          "transfer-encoding",
          "upgrade",
          "http2-settings");
  private static final Set<String> REMOVED =
      Set.of(
          "signature",
          "signature-input",
          "x-http-method-override",
          "x-http-method",
          "x-method-override",
          "x-original-url",
          "x-rewrite-url");
  private static final String OWN = "capability-";

  private Forwarding() {}

  /**
   * Whether a request field is removed before the app sees it. What is no letter or digit is read
   * as {@code -}: to apps behind CGI and its kin all of these are one.
   *
   * @param connection what the request's {@code Connection} field names, lower case
   */
  public static boolean stripRequest(String name, Set<String> connection) {
    String folded = fold(name);
    return folded.startsWith(OWN)
        || REMOVED.contains(folded)
        || HOP_BY_HOP.contains(folded)
        || connection.contains(folded);
  }

  /**
   * Whether a field of the app's reply is removed before the caller sees it.
   *
   * @param connection what the reply's {@code Connection} field names, lower case
   */
  public static boolean stripReply(String name, Set<String> connection) {
    String folded = fold(name);
    return folded.startsWith(OWN) || HOP_BY_HOP.contains(folded) || connection.contains(folded);
  }

  /** What the {@code Connection} fields name, folded as names of fields are. */
  public static Set<String> connection(Iterable<Field> fields) {
    Set<String> names = new java.util.HashSet<>();
    for (Field field : fields) {
      if (field.name().equalsIgnoreCase("connection")) {
        for (String name : List.of(field.value().split(",", -1))) {
          names.add(fold(name.strip()));
        }
      }
    }
    return names;
  }

  private static String fold(String name) {
    String lower = name.toLowerCase(Locale.ROOT);
    StringBuilder folded = null;
    for (int i = 0; i < lower.length(); i++) {
      char c = lower.charAt(i);
      if (c != '-' && !(c >= 'a' && c <= 'z') && !(c >= '0' && c <= '9')) {
        folded = folded == null ? new StringBuilder(lower) : folded;
        folded.setCharAt(i, '-');
      }
    }
    return folded == null ? lower : folded.toString();
  }
}

package dev.writ.sidecar.outbound;

import dev.writ.contract.Names;
import io.vertx.core.MultiMap;
import java.util.HashSet;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/**
 * Which header fields end at the helper. (RFC 9110, section 7.6.1; protocol.md, section 4, step 14)
 */
final class Hops {
  private static final Set<String> HOP_BY_HOP =
      Set.of(
          "connection",
          "proxy-connection",
          "keep-alive",
          "transfer-encoding",
          "te",
          "trailer",
          "upgrade",
          "expect",
          "proxy-authenticate",
          "proxy-authorization");

  /**
   * What makes a proof; an app that sends one means to sign for itself, which cannot work through a
   * pool of connections.
   */
  private static final Set<String> PROOF =
      Set.of(
          "capability-contract",
          "capability-identity",
          "capability-nonce",
          "signature",
          "signature-input");

  private Hops() {}

  /** The first field of the app's that only the helper may set, or an empty text. */
  static String proofField(MultiMap headers) {
    for (Map.Entry<String, String> field : headers) {
      if (PROOF.contains(lower(field.getKey()))) {
        return field.getKey();
      }
    }
    return "";
  }

  /**
   * Copies what goes on, in order and spelling as received. {@code Host} and {@code Content-Length}
   * are the caller's to set.
   */
  static void copyRequest(MultiMap from, MultiMap to, boolean underContract) {
    Set<String> ended = named(from);
    for (Map.Entry<String, String> field : from) {
      String name = lower(field.getKey());
      // What the gate told the app for the helper is nobody else's.
      boolean ours =
          name.equals("capability-context")
              || (underContract
                  && (name.startsWith("capability-") || name.equals("content-digest")));
      if (!ended.contains(name)
          && !ours
          && !name.equals("host")
          && !name.equals("content-length")) {
        to.add(field.getKey(), field.getValue());
      }
    }
  }

  /** Copies the fields of a reply that the app sees; a challenge is between helper and gate. */
  static void copyReply(MultiMap from, MultiMap to, boolean underContract) {
    Set<String> ended = named(from);
    for (Map.Entry<String, String> field : from) {
      String name = lower(field.getKey());
      if (!ended.contains(name) && !(underContract && name.equals(lower(Names.HEADER_NONCE)))) {
        to.add(field.getKey(), field.getValue());
      }
    }
  }

  /** Whether the peer asks for another protocol on this connection. */
  static boolean isUpgrade(MultiMap headers) {
    return headers.contains("upgrade")
        && headers.getAll("connection").stream()
            .anyMatch(value -> lower(value).contains("upgrade"));
  }

  /** Whether the connection ends with this reply. */
  static boolean closes(MultiMap headers) {
    return headers.getAll("connection").stream().anyMatch(value -> lower(value).contains("close"));
  }

  private static Set<String> named(MultiMap headers) {
    Set<String> names = new HashSet<>(HOP_BY_HOP);
    for (String value : headers.getAll("connection")) {
      for (String name : value.split(",", -1)) {
        names.add(lower(name.strip()));
      }
    }
    return names;
  }

  private static String lower(String text) {
    return text.toLowerCase(Locale.ROOT);
  }
}

package dev.writ.contract.verify;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * What a proof signs: the signature base of RFC 9421, section 2.5, in the one form of protocol.md,
 * section 2.
 */
public final class SignatureBase {
  /** Covered when the request carries them, in this order, after the four fixed components. */
  public static final List<String> OPTIONAL =
      List.of(
          "capability-identity",
          "content-type",
          "content-encoding",
          "idempotency-key",
          "capability-delegation",
          "capability-delegation-identity",
          "capability-parent");

  private static final String FIXED =
      "(\"@method\" \"@request-target\" \"content-digest\" \"capability-contract\"";

  /** The opening of a stream, whose body is not there yet. */
  private static final String OPENING = "(\"@method\" \"@request-target\" \"capability-contract\"";

  static final String TAG = "cap-contract-v1";

  private SignatureBase() {}

  /**
   * The covered fields of a request, in the order of the base; names lower case, others left out.
   */
  public static List<Field> covered(Iterable<Field> fields) {
    List<Field> found = new ArrayList<>();
    for (Field field : fields) {
      String name = field.name().toLowerCase(Locale.ROOT);
      if (OPTIONAL.contains(name)) {
        found.add(new Field(name, field.value()));
      }
    }
    found.sort((a, b) -> OPTIONAL.indexOf(a.name()) - OPTIONAL.indexOf(b.name()));
    return found;
  }

  /**
   * The component list, {@code ("@method" ... "content-type")}.
   *
   * @param opening whether it is that of a stream's opening, without {@code content-digest}
   */
  public static String components(List<Field> covered, boolean opening) {
    StringBuilder list = new StringBuilder(opening ? OPENING : FIXED);
    for (Field field : covered) {
      list.append(" \"").append(field.name()).append('"');
    }
    return list.append(')').toString();
  }

  /** The value of {@code Signature-Input} without its label: component list and parameters. */
  public static String parameters(
      List<Field> covered, boolean opening, long created, long expires, String nonce) {
    return components(covered, opening)
        + ";created="
        + created
        + ";expires="
        + expires
        + ";nonce=\""
        + nonce
        + "\";tag=\""
        + TAG
        + "\"";
  }

  /**
   * The bytes that are signed.
   *
   * @param digest value of {@code Content-Digest}; null for the opening of a stream
   * @param contract value of {@code Capability-Contract}
   * @param covered from {@link #covered}
   * @param parameters from {@link #parameters}
   */
  public static byte[] of(
      String method,
      String target,
      @Nullable String digest,
      String contract,
      List<Field> covered,
      String parameters) {
    List<String> parts = new ArrayList<>(12 + 4 * covered.size());
    parts.addAll(List.of("\"@method\": ", method, "\n\"@request-target\": ", target));
    if (digest != null) {
      parts.addAll(List.of("\n\"content-digest\": ", digest));
    }
    parts.addAll(List.of("\n\"capability-contract\": ", contract));
    for (Field field : covered) {
      parts.addAll(List.of("\n\"", field.name(), "\": ", field.value()));
    }
    parts.addAll(List.of("\n\"@signature-params\": ", parameters));
    return latin1(parts);
  }

  /** One array, filled once: the contract in the middle makes copies dear. */
  @SuppressWarnings(
      "deprecation") // getBytes(int, int, byte[], int) keeps the low byte: what ISO-8859-1 means
  private static byte[] latin1(List<String> parts) {
    int length = 0;
    for (String part : parts) {
      length += part.length();
    }
    byte[] bytes = new byte[length];
    int at = 0;
    for (String part : parts) {
      part.getBytes(0, part.length(), bytes, at);
      at += part.length();
    }
    return bytes;
  }
}

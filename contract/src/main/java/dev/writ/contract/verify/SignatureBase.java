package dev.writ.contract.verify;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

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

  static final String FIXED =
      "(\"@method\" \"@request-target\" \"content-digest\" \"capability-contract\"";
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

  /** The component list, {@code ("@method" ... "content-type")}. */
  public static String components(List<Field> covered) {
    StringBuilder list = new StringBuilder(FIXED);
    for (Field field : covered) {
      list.append(" \"").append(field.name()).append('"');
    }
    return list.append(')').toString();
  }

  /** The value of {@code Signature-Input} without its label: component list and parameters. */
  public static String parameters(List<Field> covered, long created, long expires, String nonce) {
    return components(covered)
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
   * @param digest value of {@code Content-Digest}
   * @param contract value of {@code Capability-Contract}
   * @param covered from {@link #covered}
   * @param parameters from {@link #parameters}
   */
  public static byte[] of(
      String method,
      String target,
      String digest,
      String contract,
      List<Field> covered,
      String parameters) {
    StringBuilder base = new StringBuilder(512 + contract.length());
    base.append("\"@method\": ").append(method);
    base.append("\n\"@request-target\": ").append(target);
    base.append("\n\"content-digest\": ").append(digest);
    base.append("\n\"capability-contract\": ").append(contract);
    for (Field field : covered) {
      base.append("\n\"").append(field.name()).append("\": ").append(field.value());
    }
    base.append("\n\"@signature-params\": ").append(parameters);
    return base.toString().getBytes(StandardCharsets.ISO_8859_1);
  }
}

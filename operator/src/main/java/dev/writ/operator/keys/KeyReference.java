package dev.writ.operator.keys;

import org.jspecify.annotations.Nullable;

/**
 * What finds the private half of a key again: the half itself, or its name in a token. Does not
 * print; only {@link #text()} gives it away, for the Secret.
 */
public final class KeyReference {
  private final String scheme;
  private final String rest;

  private KeyReference(String scheme, String rest) {
    this.scheme = scheme;
    this.rest = rest;
  }

  /**
   * A reference of a scheme, as {@code seed} or {@code pkcs11}.
   *
   * @param rest what that scheme's {@link ContractSigner} understands
   */
  public static KeyReference of(String scheme, String rest) {
    if (!scheme.matches("[a-z0-9]+") || rest.isEmpty()) {
      throw new IllegalArgumentException("reference: not scheme:rest");
    }
    return new KeyReference(scheme, rest);
  }

  /** Reads {@code scheme:rest}; null when it is something else. */
  static @Nullable KeyReference parse(String text) {
    int colon = text.indexOf(':');
    return colon > 0 && colon < text.length() - 1 && text.substring(0, colon).matches("[a-z0-9]+")
        ? new KeyReference(text.substring(0, colon), text.substring(colon + 1))
        : null;
  }

  /** Which signer understands it. */
  public String scheme() {
    return scheme;
  }

  /** What that signer understands; may be a secret. */
  public String rest() {
    return rest;
  }

  /** As {@link #parse} reads it; may be a secret. */
  String text() {
    return scheme + ":" + rest;
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof KeyReference that && text().equals(that.text());
  }

  @Override
  public int hashCode() {
    return text().hashCode();
  }

  @Override
  public String toString() {
    return "KeyReference[" + scheme + "]";
  }
}

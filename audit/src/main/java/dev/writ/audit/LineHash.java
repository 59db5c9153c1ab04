package dev.writ.audit;

import dev.writ.contract.Base64Url;
import dev.writ.contract.Digests;
import java.nio.charset.StandardCharsets;

/** The hash that chains records: SHA-256 over the line's bytes without the line feed. */
public final class LineHash {
  private LineHash() {}

  /** base64url of the hash, 43 characters. */
  public static String of(String line) {
    return Base64Url.encode(Digests.sha256(line.getBytes(StandardCharsets.UTF_8)));
  }
}

package dev.writ.sidecar.work;

import dev.writ.contract.Base64Url;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.util.Arrays;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.jspecify.annotations.Nullable;

/**
 * The values of {@code Capability-Context}: {@code <receipt>.<tag>}. The tag keeps others from
 * naming a work that is not theirs: receipts are known to callers, tags to the app alone. Under a
 * secret of this process, in memory only. Thread-safe.
 */
public final class Contexts {
  private static final String ALGORITHM = "HmacSHA256";
  private static final int SECRET = 32;
  private static final int TAG = 16;

  private final SecretKeySpec secret;

  /** Draws the secret. */
  public Contexts(SecureRandom random) {
    byte[] bytes = new byte[SECRET];
    random.nextBytes(bytes);
    this.secret = new SecretKeySpec(bytes, ALGORITHM);
  }

  /** The value for the call of that receipt. */
  public String of(String receipt) {
    return receipt + "." + tag(receipt);
  }

  /** The receipt in a value of this process; null for anything else. */
  public @Nullable String receipt(String value) {
    int dot = value.lastIndexOf('.');
    if (dot < 0) {
      return null;
    }
    String receipt = value.substring(0, dot);
    boolean ours = MessageDigest.isEqual(latin1(value.substring(dot + 1)), latin1(tag(receipt)));
    return ours ? receipt : null;
  }

  private String tag(String receipt) {
    try {
      Mac mac = Mac.getInstance(ALGORITHM);
      mac.init(secret);
      return Base64Url.encode(Arrays.copyOf(mac.doFinal(latin1(receipt)), TAG));
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("every Java has " + ALGORITHM, e);
    }
  }

  private static byte[] latin1(String text) {
    return text.getBytes(StandardCharsets.ISO_8859_1);
  }

  /** Never the secret. */
  @Override
  public String toString() {
    return "Contexts";
  }
}

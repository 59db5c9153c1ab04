package dev.writ.contract.verify;

/** Syntax of fields, character by character: no regular expression per request. */
final class Syntax {
  private static final String TOKEN = "!#$%&'*+-.^_`|~";
  private static final String HOST = "-._~%!$&'()*+,;=:[]";
  private static final String DIGEST_PREFIX = "sha-256=:";
  private static final int DIGEST = 44;
  private static final int BOOT = 16;
  private static final int MAX_DIGITS = 18;

  private Syntax() {}

  static boolean isToken(String text) {
    return !text.isEmpty() && consists(text, TOKEN);
  }

  static boolean isHost(String text) {
    return !text.isEmpty() && consists(text, HOST);
  }

  /** No control character but tab: RFC 9110, section 5.5. */
  static boolean isFieldValue(String text) {
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if ((c < 0x20 && c != '\t') || c == 0x7f || c > 0xff) {
        return false;
      }
    }
    return true;
  }

  static boolean isLength(String text) {
    return !text.isEmpty() && text.length() <= MAX_DIGITS && digits(text, 0) == text.length();
  }

  /** {@code sha-256=:<44 chars>:}, canonical. */
  static boolean isContentDigest(String text) {
    int end = DIGEST_PREFIX.length() + DIGEST;
    return text.length() == end + 1
        && text.startsWith(DIGEST_PREFIX)
        && text.charAt(end) == ':'
        && isBase64(text, DIGEST_PREFIX.length(), end, 1);
  }

  /** {@code <boot>.<seq>}. */
  static boolean isReceipt(String text) {
    if (text.length() < BOOT + 2
        || text.charAt(BOOT) != '.'
        || text.length() > BOOT + 1 + MAX_DIGITS) {
      return false;
    }
    for (int i = 0; i < BOOT; i++) {
      char c = text.charAt(i);
      if (!(c >= '0' && c <= '9') && !(c >= 'a' && c <= 'f')) {
        return false;
      }
    }
    int seq = BOOT + 1;
    return digits(text, seq) == text.length() - seq && text.charAt(seq) != '0';
  }

  /** Canonical base64 with exactly this much padding. */
  static boolean isBase64(String text, int from, int to, int padding) {
    int last = to - padding;
    for (int i = from; i < last; i++) {
      if (base64(text.charAt(i)) < 0) {
        return false;
      }
    }
    for (int i = last; i < to; i++) {
      if (text.charAt(i) != '=') {
        return false;
      }
    }
    return (base64(text.charAt(last - 1)) & (padding == 2 ? 0xf : padding == 1 ? 0x3 : 0)) == 0;
  }

  /** How many digits stand from there on. */
  static int digits(String text, int from) {
    int at = from;
    while (at < text.length() && text.charAt(at) >= '0' && text.charAt(at) <= '9') {
      at++;
    }
    return at - from;
  }

  private static int base64(char c) {
    if (c >= 'A' && c <= 'Z') {
      return c - 'A';
    }
    if (c >= 'a' && c <= 'z') {
      return c - 'a' + 26;
    }
    if (c >= '0' && c <= '9') {
      return c - '0' + 52;
    }
    return c == '+' ? 62 : c == '/' ? 63 : -1;
  }

  private static boolean consists(String text, String others) {
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      boolean alphanumeric =
          (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
      if (!alphanumeric && others.indexOf(c) < 0) {
        return false;
      }
    }
    return true;
  }
}

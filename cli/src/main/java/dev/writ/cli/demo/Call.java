package dev.writ.cli.demo;

import dev.writ.contract.ErrorCode;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A call that was made, and what came of it, for the table at the end.
 *
 * @param what who called what
 * @param decision {@code allow} or {@code deny}, with numbers where there were many
 * @param reason code of the refusal, else empty
 * @param remaining calls left, as far as the gate said so
 */
record Call(String what, String decision, String reason, String remaining) {
  private static final Pattern CODE = Pattern.compile("\"code\":\"([a-z-]+)\"");
  private static final Pattern DETAIL = Pattern.compile("\"detail\":\"((?:[^\"\\\\]|\\\\.)*)\"");

  /** One call by its status, body and remaining calls. */
  static Call of(String what, int status, String body, String remaining) {
    return new Call(what, status < 300 ? "allow" : "deny " + status, code(body), remaining);
  }

  /** The code of a problem document, or empty. */
  static String code(String body) {
    Matcher matcher = CODE.matcher(body);
    return matcher.find() ? matcher.group(1) : "";
  }

  /** The sentence of a problem document that tells the caller what to do, or empty. */
  static String detail(String body) {
    Matcher matcher = DETAIL.matcher(body);
    return matcher.find() ? matcher.group(1).replace("\\\"", "\"").replace("\\\\", "\\") : "";
  }

  /** Whether the refusal is exactly this one. */
  boolean isRefusedWith(ErrorCode code) {
    return decision.startsWith("deny")
        && Optional.of(code.code()).filter(reason::equals).isPresent();
  }
}

package dev.writ.examples;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What came back: status, body, and how many calls are left if the gate said so (else empty). */
record Answer(int status, String body, String remaining) {
  private static final Pattern CODE = Pattern.compile("\"code\":\"([a-z-]+)\"");

  boolean accepted() {
    return status >= 200 && status < 300;
  }

  /** The machine-readable code of a refusal (RFC 9457 member), or the bare status without one. */
  String code() {
    Matcher matcher = CODE.matcher(body);
    return matcher.find() ? matcher.group(1) : "http-" + status;
  }
}

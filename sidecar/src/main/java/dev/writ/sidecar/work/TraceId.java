package dev.writ.sidecar.work;

import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** The trace id of a {@code traceparent} (W3C Trace Context, version 00). */
public final class TraceId {
  /** Name of the field. */
  public static final String FIELD = "traceparent";

  private static final Pattern TRACE_PARENT =
      Pattern.compile("00-([0-9a-f]{32})-([0-9a-f]{16})-[0-9a-f]{2}");
  private static final String NO_TRACE = "0".repeat(32);
  private static final String NO_PARENT = "0".repeat(16);

  private TraceId() {}

  /**
   * The trace id.
   *
   * @param value of the field, null when absent
   * @return 32 hex digits; null when absent or not well-formed, so that it names no trace
   */
  public static @Nullable String of(@Nullable String value) {
    if (value == null) {
      return null;
    }
    Matcher matcher = TRACE_PARENT.matcher(value);
    return matcher.matches()
            && !matcher.group(1).equals(NO_TRACE)
            && !matcher.group(2).equals(NO_PARENT)
        ? matcher.group(1)
        : null;
  }
}

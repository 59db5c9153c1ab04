package dev.writ.cli.document;

import java.time.Duration;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/**
 * Reads a duration as Kubernetes writes it ({@code 90s}, {@code 15m}, {@code 2h30m}), at most a
 * day.
 */
final class Lifetime implements ITypeConverter<Duration> {
  private static final Pattern SHAPE =
      Pattern.compile("(?:(\\d{1,5})h)?(?:(\\d{1,5})m)?(?:(\\d{1,5})s)?");
  private static final Duration MAX = Duration.ofDays(1);

  @Override
  public Duration convert(String text) {
    Matcher matcher = SHAPE.matcher(text);
    if (text.isEmpty() || !matcher.matches()) {
      throw new TypeConversionException("'" + text + "' is not a duration as in 90s, 15m or 2h");
    }
    Duration duration =
        Duration.ofHours(part(matcher.group(1)))
            .plusMinutes(part(matcher.group(2)))
            .plusSeconds(part(matcher.group(3)));
    if (duration.isZero() || duration.compareTo(MAX) > 0) {
      throw new TypeConversionException("'" + text + "' is not between a second and a day");
    }
    return duration;
  }

  private static long part(@org.jspecify.annotations.Nullable String digits) {
    return digits == null ? 0 : Long.parseLong(digits);
  }
}

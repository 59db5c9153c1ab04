package dev.writ.operator.config;

import dev.writ.operator.config.LogPlace.Bucket;
import dev.writ.operator.config.LogSettings.Copies;
import dev.writ.operator.config.LogSettings.Retention;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;

/** The variables that say where the log is kept, for how long, and who gets copies. */
final class LogVariables {
  private final Map<Variable, String> values;

  LogVariables(Map<Variable, String> values) {
    this.values = values;
  }

  LogPlace store(Path folder) throws ConfigurationException {
    String text = values.get(Variable.WRIT_LOG_STORE);
    LogPlace store =
        text == null ? new LogPlace.Folder(folder) : place(Variable.WRIT_LOG_STORE, text);
    for (Variable s3 :
        new Variable[] {Variable.WRIT_LOG_S3_ENDPOINT, Variable.WRIT_LOG_S3_REGION}) {
      if (values.containsKey(s3) && !(store instanceof Bucket) && !archives()) {
        throw bad(s3, "the log is in no bucket; write s3://BUCKET as " + Variable.WRIT_LOG_STORE);
      }
    }
    return store;
  }

  private boolean archives() {
    return values.getOrDefault(Variable.WRIT_LOG_ARCHIVE, "").startsWith("s3:");
  }

  Optional<Retention> retention(LogPlace store) throws ConfigurationException {
    String keep = values.get(Variable.WRIT_LOG_KEEP);
    String archive = values.get(Variable.WRIT_LOG_ARCHIVE);
    if (keep == null) {
      if (archive != null) {
        throw bad(
            Variable.WRIT_LOG_ARCHIVE,
            "nothing is ever moved there; say after how long in " + Variable.WRIT_LOG_KEEP);
      }
      return Optional.empty();
    }
    Duration age = days(Variable.WRIT_LOG_KEEP, keep);
    if (archive == null) {
      return Optional.of(new Retention(age, Optional.empty()));
    }
    LogPlace place = place(Variable.WRIT_LOG_ARCHIVE, archive);
    if (place.equals(store)) {
      throw bad(Variable.WRIT_LOG_ARCHIVE, archive + " is where the log itself is");
    }
    return Optional.of(new Retention(age, Optional.of(place)));
  }

  Optional<Duration> keyLifetime() throws ConfigurationException {
    String text = values.get(Variable.WRIT_LOG_KEY_LIFETIME);
    return text == null
        ? Optional.empty()
        : Optional.of(days(Variable.WRIT_LOG_KEY_LIFETIME, text));
  }

  private static Duration days(Variable variable, String text) throws ConfigurationException {
    if (!text.matches("[1-9][0-9]{0,4}d")) {
      throw bad(variable, "\"" + text + "\" is not a number of days, as in 400d");
    }
    return Duration.ofDays(Long.parseLong(text.substring(0, text.length() - 1)));
  }

  Copies copies() throws ConfigurationException {
    return new Copies(url(Variable.WRIT_LOG_OTLP_URL), url(Variable.WRIT_LOG_CLOUDEVENTS_URL));
  }

  private LogPlace place(Variable variable, String text) throws ConfigurationException {
    Optional<URI> endpoint = url(Variable.WRIT_LOG_S3_ENDPOINT);
    String region = values.get(Variable.WRIT_LOG_S3_REGION);
    if (text.startsWith("s3:") && region == null && endpoint.isEmpty()) {
      throw bad(
          Variable.WRIT_LOG_S3_REGION,
          "is not set; write the region of the bucket, or for a store that is not AWS's its URL as "
              + Variable.WRIT_LOG_S3_ENDPOINT);
    }
    if (region != null && !region.matches("[a-z0-9-]{1,64}")) {
      throw bad(
          Variable.WRIT_LOG_S3_REGION, "\"" + region + "\" is not a region, as in eu-central-1");
    }
    try {
      return LogPlace.parse(text, region == null ? "us-east-1" : region, endpoint);
    } catch (IllegalArgumentException e) {
      throw bad(variable, String.valueOf(e.getMessage()));
    }
  }

  private Optional<URI> url(Variable variable) throws ConfigurationException {
    String text = values.get(variable);
    if (text == null) {
      return Optional.empty();
    }
    try {
      URI url = new URI(text);
      boolean http = "https".equals(url.getScheme()) || "http".equals(url.getScheme());
      if (!http || url.getHost() == null || url.getRawFragment() != null) {
        throw bad(variable, "\"" + text + "\" is not an http(s) URL");
      }
      if (url.getRawUserInfo() != null) {
        // It would be printed, by us or by others.
        throw bad(variable, "holds a user or password: put no secret into a URL");
      }
      return Optional.of(url);
    } catch (URISyntaxException e) {
      throw bad(variable, "is not a URL");
    }
  }

  private static ConfigurationException bad(Variable variable, String why) {
    return new ConfigurationException(variable + ": " + why);
  }
}

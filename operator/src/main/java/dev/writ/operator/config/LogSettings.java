package dev.writ.operator.config;

import dev.writ.audit.note.VerifierKey;
import dev.writ.contract.MalformedException;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What the operator is told about its log. (audit.md, Log)
 *
 * @param store where it is kept
 * @param retention how long entries stay there; empty: for ever
 * @param keyLifetime after which a key is followed by another; empty: when somebody asks
 * @param copies who else is told of records
 * @param witnesses who is shown each checkpoint
 * @param quorum how many of them make a checkpoint witnessed, 0 when there are none
 */
public record LogSettings(
    LogPlace store,
    Optional<Retention> retention,
    Optional<Duration> keyLifetime,
    Copies copies,
    List<Witness> witnesses,
    int quorum) {
  /** Copies. */
  public LogSettings {
    witnesses = List.copyOf(witnesses);
  }

  /**
   * A witness.
   *
   * @param prefix its submission prefix: what comes before {@code add-checkpoint}
   * @param key what verifies its cosignatures
   */
  public record Witness(URI prefix, VerifierKey key) {}

  /**
   * What becomes of entries that are older.
   *
   * @param keep at least this long they stay
   * @param archive where they are moved; empty: they are deleted
   */
  public record Retention(Duration keep, Optional<LogPlace> archive) {}

  /**
   * Live copies of records, which are never the evidence.
   *
   * @param openTelemetry where OTLP logs are posted as JSON, as in http://collector:4318/v1/logs
   * @param cloudEvents where CloudEvents are posted in batches
   */
  public record Copies(Optional<URI> openTelemetry, Optional<URI> cloudEvents) {
    /** None. */
    public static final Copies NONE = new Copies(Optional.empty(), Optional.empty());
  }

  /** A log in that folder, kept for ever, that nobody outside is shown. */
  public static LogSettings in(Path folder) {
    return new LogSettings(
        new LogPlace.Folder(folder), Optional.empty(), Optional.empty(), Copies.NONE, List.of(), 0);
  }

  static LogSettings of(Map<Variable, String> values, Path dataDir) throws ConfigurationException {
    LogVariables variables = new LogVariables(values);
    LogPlace store = variables.store(dataDir.resolve("log"));
    Optional<Retention> retention = variables.retention(store);
    Optional<Duration> keyLifetime = variables.keyLifetime();
    Copies copies = variables.copies();
    String text = values.get(Variable.WRIT_LOG_WITNESSES);
    String quorum = values.get(Variable.WRIT_LOG_QUORUM);
    if (text == null) {
      if (quorum != null) {
        throw new ConfigurationException(
            Variable.WRIT_LOG_QUORUM + ": there are no " + Variable.WRIT_LOG_WITNESSES);
      }
      return new LogSettings(store, retention, keyLifetime, copies, List.of(), 0);
    }
    List<Witness> witnesses = new ArrayList<>();
    Set<String> keys = new HashSet<>();
    for (String one : text.split(",", -1)) {
      Witness witness = witness(one.strip());
      if (!keys.add(witness.key.key().thumbprint())) {
        throw bad(
            "the key of " + witness.key.name() + " is there twice; a witness has one of its own");
      }
      witnesses.add(witness);
    }
    return new LogSettings(
        store, retention, keyLifetime, copies, witnesses, quorum(quorum, witnesses.size()));
  }

  private static Witness witness(String text) throws ConfigurationException {
    String[] parts = text.split(" +", -1);
    if (parts.length != 2) {
      throw bad(
          "\"" + text + "\" is not URL KEY, a space between them; separate witnesses by commas");
    }
    try {
      URI prefix = new URI(parts[0]);
      boolean http = "https".equals(prefix.getScheme()) || "http".equals(prefix.getScheme());
      if (!http || prefix.getHost() == null) {
        throw bad("\"" + parts[0] + "\" is not an https URL");
      }
      VerifierKey key = VerifierKey.parse(parts[1]);
      if (key.type() != VerifierKey.Type.COSIGNATURE) {
        throw bad(key.name() + " is the key of a log, not of a witness");
      }
      return new Witness(prefix, key);
    } catch (URISyntaxException e) {
      throw bad("\"" + parts[0] + "\" is not a URL");
    } catch (MalformedException e) {
      throw bad("the key of " + parts[0] + ": " + e.getMessage());
    }
  }

  /** More than half, unless it is said. */
  private static int quorum(@Nullable String text, int witnesses) throws ConfigurationException {
    if (text == null) {
      return witnesses / 2 + 1;
    }
    if (!text.matches("[1-9][0-9]{0,3}") || Integer.parseInt(text) > witnesses) {
      throw new ConfigurationException(
          Variable.WRIT_LOG_QUORUM + ": \"" + text + "\" is not 1 to " + witnesses);
    }
    return Integer.parseInt(text);
  }

  private static ConfigurationException bad(String why) {
    return new ConfigurationException(Variable.WRIT_LOG_WITNESSES + ": " + why);
  }
}

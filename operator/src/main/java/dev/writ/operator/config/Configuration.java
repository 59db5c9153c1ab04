package dev.writ.operator.config;

import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * All the operator is told from outside, read once in {@code main}. Nothing in it is a secret.
 * (architecture.md, Configuration)
 *
 * @param kubeUrl base URL of an API server that asks for no credentials; empty: KUBECONFIG or the
 *     pod's own account
 * @param namespace where the operator's Secrets and ConfigMaps live
 * @param listen Control API and webhook, HTTPS
 * @param admin health and metrics, HTTP
 * @param dataDir records are appended below it
 * @param log where it is kept, and who watches over it
 * @param trustDomain of every identity
 * @param servingNames further names and addresses of the serving certificate
 * @param servingSecret where somebody else puts it; empty: it is made here
 * @param keyLifetime how long an issuer key signs
 * @param token where issuer keys are made; empty: in the Secret
 * @param sidecarImage what the webhook injects
 * @param operatorUrl what injected sidecars call, {@code https://host:port}
 * @param podName of this replica's pod; empty: there is no other replica
 */
public record Configuration(
    Optional<URI> kubeUrl,
    String namespace,
    HostPort listen,
    HostPort admin,
    Path dataDir,
    LogSettings log,
    String trustDomain,
    List<String> servingNames,
    Optional<String> servingSecret,
    Duration keyLifetime,
    Optional<Token> token,
    String sidecarImage,
    URI operatorUrl,
    Optional<String> podName) {
  private static final String PREFIX = "WRIT_";
  private static final String DNS_LABEL = "[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?";

  /** What nobody else may keep for it. */
  private static final Set<String> OWN_SECRETS =
      Set.of("writ-ca", "writ-serving-cert", "writ-issuer-key", "writ-issuer-keys", "writ-log-key");

  private static final String DNS_NAME = DNS_LABEL + "(\\." + DNS_LABEL + ")*";

  /**
   * A PKCS #11 token.
   *
   * @param library of its maker
   * @param label of the token
   * @param pinFile holds the PIN
   */
  public record Token(Path library, String label, Path pinFile) {}

  /** Copies the lists. */
  public Configuration {
    servingNames = List.copyOf(servingNames);
  }

  /**
   * Reads the environment; variables without the prefix {@code WRIT_} are not looked at.
   *
   * @throws ConfigurationException an unknown, missing or malformed variable, named in the message
   */
  public static Configuration of(Map<String, String> environment) throws ConfigurationException {
    Reader reader = new Reader(known(environment));
    String namespace =
        reader.matching(
            Variable.WRIT_NAMESPACE, null, DNS_LABEL, "the name of a namespace, as in writ-system");
    Path dataDir = reader.path(Variable.WRIT_DATA_DIR);
    return new Configuration(
        reader.kubeUrl(),
        namespace,
        reader.hostPort(Variable.WRIT_LISTEN, "[::]:8443"),
        reader.hostPort(Variable.WRIT_ADMIN, "[::]:8080"),
        dataDir,
        LogSettings.of(reader.values, dataDir),
        reader.matching(
            Variable.WRIT_TRUST_DOMAIN,
            "cluster.local",
            DNS_NAME,
            "a lower-case domain, as in cluster.local"),
        reader.servingNames(),
        reader.servingSecret(),
        reader.duration(Variable.WRIT_KEY_LIFETIME, "30d", Duration.ofHours(1)),
        reader.token(),
        reader.matching(
            Variable.WRIT_SIDECAR_IMAGE,
            null,
            "[\\x21-\\x7e]{1,512}",
            "an image reference without spaces"),
        reader.operatorUrl("https://writ-operator." + namespace + ".svc:443"),
        reader.podName());
  }

  private static Map<Variable, String> known(Map<String, String> environment)
      throws ConfigurationException {
    Map<Variable, String> known = new EnumMap<>(Variable.class);
    for (String name : new TreeSet<>(environment.keySet())) {
      if (name.startsWith(PREFIX)) {
        known.put(variable(name), environment.get(name));
      }
    }
    return known;
  }

  private static Variable variable(String name) throws ConfigurationException {
    return Arrays.stream(Variable.values())
        .filter(variable -> variable.name().equals(name))
        .findAny()
        .orElseThrow(
            () ->
                new ConfigurationException(
                    name
                        + " is not a variable of the operator; it knows "
                        + Arrays.stream(Variable.values())
                            .map(Enum::name)
                            .collect(Collectors.joining(", "))));
  }

  /** One method for each shape of value, so that all complaints read alike. */
  private record Reader(Map<Variable, String> values) {
    String text(Variable variable, @Nullable String absent) throws ConfigurationException {
      String value = values.get(variable);
      if (value == null) {
        if (absent == null) {
          throw new ConfigurationException(variable + " is not set");
        }
        return absent;
      }
      if (value.isBlank() || !value.equals(value.strip())) {
        throw bad(variable, "is empty or has spaces around it");
      }
      return value;
    }

    String matching(Variable variable, @Nullable String absent, String pattern, String wanted)
        throws ConfigurationException {
      String value = text(variable, absent);
      if (!value.matches(pattern)) {
        throw bad(variable, "\"" + value + "\" is not " + wanted);
      }
      return value;
    }

    Duration duration(Variable variable, String absent, Duration least)
        throws ConfigurationException {
      String value =
          matching(variable, absent, "[0-9]{1,6}[mhd]", "a duration as in 90m, 72h or 30d");
      long number = Long.parseLong(value.substring(0, value.length() - 1));
      Duration duration =
          switch (value.charAt(value.length() - 1)) {
            case 'm' -> Duration.ofMinutes(number);
            case 'h' -> Duration.ofHours(number);
            default -> Duration.ofDays(number);
          };
      if (duration.compareTo(least) < 0) {
        throw bad(variable, "\"" + value + "\" is shorter than " + least.toHours() + "h");
      }
      return duration;
    }

    HostPort hostPort(Variable variable, String absent) throws ConfigurationException {
      try {
        return HostPort.parse(text(variable, absent));
      } catch (IllegalArgumentException e) {
        throw bad(variable, String.valueOf(e.getMessage()));
      }
    }

    Optional<String> podName() throws ConfigurationException {
      return values.containsKey(Variable.WRIT_POD_NAME)
          ? Optional.of(
              matching(Variable.WRIT_POD_NAME, null, DNS_NAME, "the name of a pod, lower case"))
          : Optional.empty();
    }

    Path path(Variable variable) throws ConfigurationException {
      String value = text(variable, null);
      try {
        return Path.of(value).toAbsolutePath();
      } catch (InvalidPathException e) {
        throw bad(variable, "\"" + value + "\" is not a path");
      }
    }

    Optional<Token> token() throws ConfigurationException {
      List<Variable> all =
          List.of(
              Variable.WRIT_PKCS11_LIBRARY,
              Variable.WRIT_PKCS11_TOKEN,
              Variable.WRIT_PKCS11_PIN_FILE);
      if (all.stream().noneMatch(values::containsKey)) {
        return Optional.empty();
      }
      for (Variable variable : all) {
        if (!values.containsKey(variable)) {
          throw bad(variable, "is not set; a PKCS #11 token needs all of " + all);
        }
      }
      return Optional.of(
          new Token(
              path(Variable.WRIT_PKCS11_LIBRARY),
              matching(
                  Variable.WRIT_PKCS11_TOKEN, null, "[\\x20-\\x7e]{1,32}", "the label of a token"),
              path(Variable.WRIT_PKCS11_PIN_FILE)));
    }

    Optional<URI> kubeUrl() throws ConfigurationException {
      if (!values.containsKey(Variable.WRIT_KUBE_URL)) {
        return Optional.empty();
      }
      URI uri = uri(Variable.WRIT_KUBE_URL, "");
      if (!"http".equals(uri.getScheme()) && !"https".equals(uri.getScheme())) {
        throw bad(Variable.WRIT_KUBE_URL, "must begin with http:// or https://");
      }
      return Optional.of(uri);
    }

    URI operatorUrl(String absent) throws ConfigurationException {
      URI uri = uri(Variable.WRIT_OPERATOR_URL, absent);
      boolean bare =
          uri.getRawPath().isEmpty() && uri.getRawQuery() == null && uri.getRawFragment() == null;
      if (!"https".equals(uri.getScheme()) || uri.getPort() <= 0 || !bare) {
        throw bad(Variable.WRIT_OPERATOR_URL, "must be https://host:port and nothing more");
      }
      return uri;
    }

    private URI uri(Variable variable, String absent) throws ConfigurationException {
      String value = text(variable, absent);
      try {
        URI uri = new URI(value);
        if (uri.getHost() == null || uri.getRawUserInfo() != null) {
          throw bad(
              variable, "\"" + value + "\" has no host, or has a user; a URL is https://host:port");
        }
        return uri;
      } catch (URISyntaxException e) {
        throw bad(variable, "\"" + value + "\" is not a URL");
      }
    }

    List<String> servingNames() throws ConfigurationException {
      if (!values.containsKey(Variable.WRIT_SERVING_NAMES)) {
        return List.of();
      }
      List<String> names = List.of(text(Variable.WRIT_SERVING_NAMES, "").split(",", -1));
      for (String name : names) {
        if (!name.matches("[A-Za-z0-9][A-Za-z0-9.-]{0,252}|[0-9a-fA-F:]+")) {
          throw bad(
              Variable.WRIT_SERVING_NAMES,
              "\"" + name + "\" is neither a host name nor an address");
        }
      }
      return names;
    }

    Optional<String> servingSecret() throws ConfigurationException {
      Variable variable = Variable.WRIT_SERVING_SECRET;
      if (!values.containsKey(variable)) {
        return Optional.empty();
      }
      String name = matching(variable, null, DNS_NAME, "the name of a Secret, lower case");
      if (OWN_SECRETS.contains(name)) {
        throw bad(
            variable, "\"" + name + "\" is a Secret of the operator itself; choose another name");
      }
      return Optional.of(name);
    }

    private static ConfigurationException bad(Variable variable, String why) {
      return new ConfigurationException(variable + ": " + why);
    }
  }
}

package dev.writ.sidecar;

import dev.writ.contract.MalformedException;
import dev.writ.contract.SpiffeId;
import dev.writ.contract.verify.Protocol;
import dev.writ.sidecar.Configuration.Answers;
import dev.writ.sidecar.Configuration.Cluster;
import dev.writ.sidecar.Configuration.Deputy;
import dev.writ.sidecar.Configuration.Enforcement;
import dev.writ.sidecar.Configuration.Guard;
import dev.writ.sidecar.Configuration.Source;
import dev.writ.sidecar.Configuration.Standalone;
import dev.writ.sidecar.capture.CaptureSettings;
import dev.writ.sidecar.capture.CaptureSettings.Mode;
import dev.writ.sidecar.capture.ProbeReader;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Turns environment variables into a {@link Configuration}. Strict: a {@code WRIT_} variable that
 * this mode does not know, one that is missing and one with a bad value all stop the start.
 * (architecture.md, Configuration)
 */
final class Environment {
  private static final String PREFIX = "WRIT_";

  /**
   * What the kubelet sets for a Service whose name begins with {@code writ}. (Kubernetes, Accessing
   * the Service, Environment Variables)
   */
  private static final Pattern SERVICE_LINK =
      Pattern.compile(
          "WRIT(_[A-Z0-9_]+)?_(SERVICE_HOST|SERVICE_PORT(_[A-Z0-9_]+)?"
              + "|PORT(_[0-9]+_(TCP|UDP|SCTP)(_(PROTO|PORT|ADDR))?)?)");

  private static final List<String> PAIRS = List.of("WRIT_LISTEN", "WRIT_UPSTREAM", "WRIT_PORTS");

  /** What was not asked for yet; what is left at the end is unknown. */
  private final Map<String, String> left = new TreeMap<>();

  private Environment(Map<String, String> variables) {
    variables.forEach(
        (name, value) -> {
          if (name.startsWith(PREFIX) && !SERVICE_LINK.matcher(name).matches()) {
            left.put(name, value);
          }
        });
  }

  /**
   * Reads the configuration.
   *
   * @param variables the whole environment; names without the prefix are ignored
   * @throws ConfigurationException naming the first variable that is wrong
   */
  static Configuration read(Map<String, String> variables) throws ConfigurationException {
    return new Environment(variables).read();
  }

  private Configuration read() throws ConfigurationException {
    boolean cluster = choice("WRIT_MODE", null, Map.of("cluster", true, "standalone", false));
    Map<String, Integer> lengths = new LinkedHashMap<>();
    // An agent that only calls has no port to guard: then the helper is all there is.
    boolean gate = PAIRS.stream().anyMatch(left::containsKey) || !left.containsKey("WRIT_OUTBOUND");
    List<Address> listen = gate ? addresses("WRIT_LISTEN", lengths) : List.of();
    List<Address> upstream = gate ? addresses("WRIT_UPSTREAM", lengths) : List.of();
    List<Integer> ports =
        cluster && gate ? ports(lengths) : listen.stream().map(Address::port).toList();
    Source source = cluster ? cluster() : standalone(gate, lengths, listen.size());
    sameLength(lengths);
    distinct(listen);
    Address outbound = optionalAddress("WRIT_OUTBOUND");
    requireKeyForHelper(source, outbound);
    Configuration configuration =
        new Configuration(
            source,
            guards(listen, upstream, ports),
            choice(
                "WRIT_GATE",
                "enforce",
                Map.of("enforce", Enforcement.ENFORCE, "audit", Enforcement.AUDIT)),
            choice(
                "WRIT_DEPUTY",
                "caller-first",
                Map.of("caller-first", Deputy.CALLER_FIRST, "caller-only", Deputy.CALLER_ONLY)),
            number(
                "WRIT_BODY_LIMIT", Configuration.DEFAULT_BODY_LIMIT, Configuration.MAX_BODY_LIMIT),
            answers(),
            path("WRIT_STATE_DIR"),
            trustDomain(),
            outbound,
            optionalAddress("WRIT_ADMIN"),
            hosts(),
            cluster ? capture() : CaptureSettings.NONE);
    for (String name : left.keySet()) {
      throw new ConfigurationException(
          name,
          "is not a variable of "
              + (cluster ? "cluster" : "standalone")
              + " mode; remove it or correct its name");
    }
    return configuration;
  }

  private Standalone standalone(boolean gate, Map<String, Integer> lengths, int count)
      throws ConfigurationException {
    List<SpiffeId> services = new ArrayList<>();
    for (String text : gate ? list("WRIT_SERVICES") : List.<String>of()) {
      services.add(service("WRIT_SERVICES", text));
    }
    if (gate) {
      lengths.put("WRIT_SERVICES", services.size());
    }
    List<Protocol> protocols = new ArrayList<>();
    if (left.containsKey("WRIT_PROTOCOL")) {
      for (String text : list("WRIT_PROTOCOL")) {
        protocols.add(protocol(text));
      }
      lengths.put("WRIT_PROTOCOL", protocols.size());
    } else {
      protocols.addAll(Collections.nCopies(count, Protocol.HTTP));
    }
    return new Standalone(
        services,
        protocols,
        path("WRIT_TRUST_FILE"),
        optionalPath("WRIT_REVOCATIONS_FILE"),
        optionalPath("WRIT_IDENTITY_FILE"),
        optionalPath("WRIT_KEY_FILE"),
        optionalPath("WRIT_CONTRACTS_DIR"));
  }

  private Cluster cluster() throws ConfigurationException {
    return new Cluster(
        operator(),
        path("WRIT_TOKEN_FILE"),
        path("WRIT_CA_FILE"),
        required("WRIT_POD_NAMESPACE"),
        required("WRIT_POD_NAME"),
        required("WRIT_POD_UID"));
  }

  private URI operator() throws ConfigurationException {
    String text = required("WRIT_OPERATOR");
    try {
      URI uri = new URI(text);
      if ("https".equals(uri.getScheme())
          && uri.getHost() != null
          && uri.getPort() > 0
          && uri.getUserInfo() == null
          && uri.getRawPath().isEmpty()
          && uri.getRawQuery() == null
          && uri.getRawFragment() == null) {
        return uri;
      }
    } catch (URISyntaxException _) {
      // Falls through to the message below, which says more than the parser does.
    }
    throw new ConfigurationException("WRIT_OPERATOR", "\"" + text + "\" is not https://host:port");
  }

  private static List<Guard> guards(
      List<Address> listen, List<Address> upstream, List<Integer> ports) {
    List<Guard> guards = new ArrayList<>();
    for (int i = 0; i < listen.size(); i++) {
      guards.add(new Guard(listen.get(i), upstream.get(i), ports.get(i)));
    }
    return guards;
  }

  private static void requireKeyForHelper(Source source, @Nullable Address outbound)
      throws ConfigurationException {
    if (!(source instanceof Standalone standalone)) {
      return;
    }
    if (outbound != null && (standalone.keyFile() == null || standalone.contractsDir() == null)) {
      throw new ConfigurationException(
          standalone.keyFile() == null ? "WRIT_KEY_FILE" : "WRIT_CONTRACTS_DIR",
          "is missing; WRIT_OUTBOUND needs it");
    }
    if (outbound == null && standalone.contractsDir() != null) {
      throw new ConfigurationException("WRIT_CONTRACTS_DIR", "has no use without WRIT_OUTBOUND");
    }
  }

  private static void sameLength(Map<String, Integer> lengths) throws ConfigurationException {
    int first = lengths.getOrDefault("WRIT_LISTEN", 0);
    for (Map.Entry<String, Integer> entry : lengths.entrySet()) {
      if (entry.getValue() != first) {
        throw new ConfigurationException(
            entry.getKey(),
            "has "
                + entry.getValue()
                + " entries where WRIT_LISTEN has "
                + first
                + "; they go in pairs");
      }
    }
  }

  private static void distinct(List<Address> listen) throws ConfigurationException {
    Set<Address> seen = new HashSet<>();
    for (Address address : listen) {
      if (!seen.add(address)) {
        throw new ConfigurationException("WRIT_LISTEN", "names " + address + " twice");
      }
    }
  }

  private List<Integer> ports(Map<String, Integer> lengths) throws ConfigurationException {
    List<Integer> ports = new ArrayList<>();
    for (String text : list("WRIT_PORTS")) {
      int port = number("WRIT_PORTS", text, 1, 65_535);
      if (ports.contains(port)) {
        throw new ConfigurationException("WRIT_PORTS", "names " + port + " twice");
      }
      ports.add(port);
    }
    lengths.put("WRIT_PORTS", ports.size());
    return ports;
  }

  private Answers answers() throws ConfigurationException {
    Answers usual = Answers.DEFAULT;
    return new Answers(
        number("WRIT_RESPONSE_TIMEOUT", usual.responseSeconds(), Answers.MAX_SECONDS),
        number("WRIT_IDLE_TIMEOUT", usual.idleSeconds(), Answers.MAX_SECONDS),
        choice("WRIT_LISTS", "all", Map.of("all", false, "granted", true)));
  }

  private int number(String name, int absent, int maximum) throws ConfigurationException {
    String text = left.remove(name);
    return text == null ? absent : number(name, text, 0, maximum);
  }

  private String trustDomain() throws ConfigurationException {
    String text = left.remove("WRIT_TRUST_DOMAIN");
    if (text == null) {
      return "cluster.local";
    }
    service("WRIT_TRUST_DOMAIN", "spiffe://" + text + "/ns/n/svc/s");
    return text;
  }

  private Map<Address, Address> hosts() throws ConfigurationException {
    Map<Address, Address> hosts = new LinkedHashMap<>();
    if (!left.containsKey("WRIT_HOSTS")) {
      return hosts;
    }
    for (String entry : list("WRIT_HOSTS")) {
      int equals = entry.indexOf('=');
      if (equals < 0) {
        throw new ConfigurationException(
            "WRIT_HOSTS", "\"" + entry + "\" is not name:port=host:port");
      }
      Address name = address("WRIT_HOSTS", entry.substring(0, equals));
      Address lower = new Address(name.host().toLowerCase(Locale.ROOT), name.port());
      if (hosts.put(lower, address("WRIT_HOSTS", entry.substring(equals + 1))) != null) {
        throw new ConfigurationException("WRIT_HOSTS", "names " + lower + " twice");
      }
    }
    return hosts;
  }

  private CaptureSettings capture() throws ConfigurationException {
    Mode mode =
        left.containsKey("WRIT_CAPTURE")
            ? choice(
                "WRIT_CAPTURE", null, Map.of("redirect", Mode.REDIRECT, "loopback", Mode.LOOPBACK))
            : Mode.NONE;
    boolean refuse = choice("WRIT_EXPOSED", "report", Map.of("refuse", true, "report", false));
    if (!left.containsKey("WRIT_PROBES") && !left.containsKey("WRIT_PROBE_LISTEN")) {
      return new CaptureSettings(mode, refuse, null, List.of());
    }
    Address listen = address("WRIT_PROBE_LISTEN", required("WRIT_PROBE_LISTEN"));
    try {
      return new CaptureSettings(mode, refuse, listen, ProbeReader.read(required("WRIT_PROBES")));
    } catch (MalformedException | IllegalArgumentException e) {
      throw new ConfigurationException("WRIT_PROBES", String.valueOf(e.getMessage()));
    }
  }

  /**
   * Reads what {@code writ-capture} needs to know.
   *
   * @return ports of the app, in the order of the sidecar's listeners; may be none
   */
  static List<Integer> capturedPorts(Map<String, String> variables) throws ConfigurationException {
    Environment environment = new Environment(variables);
    return environment.left.containsKey("WRIT_PORTS")
        ? environment.ports(new LinkedHashMap<>())
        : List.of();
  }

  private List<Address> addresses(String name, Map<String, Integer> lengths)
      throws ConfigurationException {
    List<Address> addresses = new ArrayList<>();
    for (String text : list(name)) {
      addresses.add(address(name, text));
    }
    lengths.put(name, addresses.size());
    return addresses;
  }

  private @Nullable Address optionalAddress(String name) throws ConfigurationException {
    return left.containsKey(name) ? address(name, required(name)) : null;
  }

  private static Address address(String name, String text) throws ConfigurationException {
    try {
      return Address.parse(text);
    } catch (IllegalArgumentException e) {
      throw new ConfigurationException(name, String.valueOf(e.getMessage()));
    }
  }

  private static SpiffeId service(String name, String text) throws ConfigurationException {
    try {
      SpiffeId id = SpiffeId.parse(text);
      if (id.kind() == SpiffeId.Kind.SERVICE) {
        return id;
      }
    } catch (MalformedException _) {
      // Falls through: the message below shows the form.
    }
    throw new ConfigurationException(
        name, "\"" + text + "\" is not spiffe://<trust domain>/ns/<namespace>/svc/<service>");
  }

  private static Protocol protocol(String text) throws ConfigurationException {
    for (Protocol protocol : Protocol.values()) {
      if (protocol.name().toLowerCase(Locale.ROOT).equals(text)) {
        return protocol;
      }
    }
    throw new ConfigurationException(
        "WRIT_PROTOCOL", "\"" + text + "\" is not one of http, mcp, a2a, grpc");
  }

  private <T> T choice(String name, @Nullable String absent, Map<String, T> values)
      throws ConfigurationException {
    String text = left.remove(name);
    if (text == null) {
      text = absent;
    }
    T value = text == null ? null : values.get(text);
    if (value == null) {
      String allowed = String.join(" or ", values.keySet().stream().sorted().toList());
      throw new ConfigurationException(
          name,
          text == null ? "is missing; set it to " + allowed : "\"" + text + "\" is not " + allowed);
    }
    return value;
  }

  private static int number(String name, String text, int minimum, int maximum)
      throws ConfigurationException {
    boolean digits =
        !text.isEmpty() && text.length() <= 9 && text.chars().allMatch(c -> c >= '0' && c <= '9');
    int value = digits ? Integer.parseInt(text) : -1;
    if (value < minimum || value > maximum) {
      throw new ConfigurationException(
          name, "\"" + text + "\" is not a number from " + minimum + " to " + maximum);
    }
    return value;
  }

  private List<String> list(String name) throws ConfigurationException {
    List<String> entries = List.of(required(name).split(",", -1));
    if (entries.contains("")) {
      throw new ConfigurationException(name, "has an empty entry");
    }
    return entries;
  }

  private @Nullable Path optionalPath(String name) throws ConfigurationException {
    return left.containsKey(name) ? path(name) : null;
  }

  private Path path(String name) throws ConfigurationException {
    String text = required(name);
    try {
      return Path.of(text);
    } catch (InvalidPathException _) {
      throw new ConfigurationException(name, "\"" + text + "\" is not a path");
    }
  }

  private String required(String name) throws ConfigurationException {
    String text = left.remove(name);
    if (text == null || text.isEmpty()) {
      throw new ConfigurationException(name, text == null ? "is missing" : "is empty");
    }
    return text;
  }
}

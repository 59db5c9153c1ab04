package dev.writ.contract;

import org.jspecify.annotations.Nullable;

/**
 * Who somebody is: a workload, {@code spiffe://<trust domain>/ns/<namespace>/sa/<service account>},
 * or a service, {@code .../svc/<service>} (architecture.md, Names). One spelling per id, so ids
 * compare as strings.
 *
 * @param trustDomain such as {@code cluster.local}
 * @param namespace Kubernetes namespace
 * @param kind workload or service
 * @param name of the service account or service
 */
public record SpiffeId(String trustDomain, String namespace, Kind kind, String name) {
  private static final String SCHEME = "spiffe://";
  private static final int MAX_TRUST_DOMAIN = 255;
  private static final int MAX_NAMESPACE = 63;
  private static final int MAX_NAME = 253;

  /** What an id names. */
  public enum Kind {
    /** A workload, named by its service account. */
    SERVICE_ACCOUNT("sa"),
    /** A service, the audience of contracts. */
    SERVICE("svc");

    private final String segment;

    Kind(String segment) {
      this.segment = segment;
    }

    /** The path segment that tells it, {@code sa} or {@code svc}. */
    public String segment() {
      return segment;
    }
  }

  /** Checks each part; throws {@link IllegalArgumentException} that names the part. */
  public SpiffeId {
    if (!isTrustDomain(trustDomain)) {
      throw new IllegalArgumentException("trustDomain: not a trust domain");
    }
    if (!isName(namespace, MAX_NAMESPACE, false)) {
      throw new IllegalArgumentException("namespace: not a Kubernetes namespace");
    }
    if (!isName(name, MAX_NAME, kind == Kind.SERVICE_ACCOUNT)) {
      throw new IllegalArgumentException("name: not a Kubernetes name");
    }
  }

  /** A workload's id. */
  public static SpiffeId workload(String trustDomain, String namespace, String serviceAccount) {
    return new SpiffeId(trustDomain, namespace, Kind.SERVICE_ACCOUNT, serviceAccount);
  }

  /** A service's id. */
  public static SpiffeId service(String trustDomain, String namespace, String service) {
    return new SpiffeId(trustDomain, namespace, Kind.SERVICE, service);
  }

  /** Parses the URI; anything but its one spelling throws. */
  public static SpiffeId parse(String uri) throws MalformedException {
    SpiffeId id = read(uri);
    if (id == null) {
      throw new MalformedException(
          "not an id of the form spiffe://<trust domain>/ns/<namespace>/sa|svc/<name>");
    }
    return id;
  }

  /** The issuer of a trust domain, {@code spiffe://<trust domain>/writ}. */
  public static String issuer(String trustDomain) {
    return SCHEME + trustDomain + "/writ";
  }

  /**
   * The trust domain of an issuer's id; anything but {@code spiffe://<trust domain>/writ} throws.
   */
  public static String issuerTrustDomain(String issuer) throws MalformedException {
    if (issuer.startsWith(SCHEME) && issuer.endsWith("/writ")) {
      int end = issuer.length() - "/writ".length();
      if (end > SCHEME.length()) {
        String domain = issuer.substring(SCHEME.length(), end);
        if (isTrustDomain(domain)) {
          return domain;
        }
      }
    }
    throw new MalformedException("not an issuer of the form spiffe://<trust domain>/writ");
  }

  private static @Nullable SpiffeId read(String uri) {
    if (!uri.startsWith(SCHEME)) {
      return null;
    }
    String[] parts = uri.substring(SCHEME.length()).split("/", -1);
    if (parts.length != 5 || !parts[1].equals("ns")) {
      return null;
    }
    Kind kind =
        parts[3].equals("sa") ? Kind.SERVICE_ACCOUNT : parts[3].equals("svc") ? Kind.SERVICE : null;
    if (kind == null
        || !isTrustDomain(parts[0])
        || !isName(parts[2], MAX_NAMESPACE, false)
        || !isName(parts[4], MAX_NAME, kind == Kind.SERVICE_ACCOUNT)) {
      return null;
    }
    return new SpiffeId(parts[0], parts[2], kind, parts[4]);
  }

  private static boolean isTrustDomain(String text) {
    if (text.isEmpty() || text.length() > MAX_TRUST_DOMAIN) {
      return false;
    }
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (!isLowerOrDigit(c) && (i == 0 || (c != '.' && c != '-' && c != '_'))) {
        return false;
      }
    }
    return true;
  }

  private static boolean isName(String text, int max, boolean dots) {
    if (text.isEmpty() || text.length() > max || !isLowerOrDigit(text.charAt(0))) {
      return false;
    }
    for (int i = 1; i < text.length(); i++) {
      char c = text.charAt(i);
      if (!isLowerOrDigit(c) && c != '-' && !(dots && c == '.')) {
        return false;
      }
    }
    return true;
  }

  private static boolean isLowerOrDigit(char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
  }

  /** The URI. */
  @Override
  public String toString() {
    return SCHEME + trustDomain + "/ns/" + namespace + "/" + kind.segment + "/" + name;
  }
}

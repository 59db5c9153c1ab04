package dev.writ.sidecar.outbound;

import dev.writ.contract.SpiffeId;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Tells which service a host name means, by its form alone. Pure. (architecture.md, Flow 3)
 *
 * <p>A name that has the form of a service need not be one: {@code example.com} reads as service
 * {@code example} of namespace {@code com}. That does no harm, because without a contract for that
 * service the call goes through untouched.
 */
final class ServiceNames {
  private static final Pattern LABEL = Pattern.compile("[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?");
  private static final String DEFAULT_DOMAIN = "cluster.local";

  private final String trustDomain;
  private final Set<String> clusterDomains;
  private final @Nullable String ownNamespace;

  /**
   * Names of one cluster.
   *
   * @param trustDomain of the service ids; also taken as a cluster domain beside {@code
   *     cluster.local}
   * @param ownNamespace where a name of one label is looked for, as Kubernetes does; null: such a
   *     name is no service
   */
  ServiceNames(String trustDomain, @Nullable String ownNamespace) {
    this.trustDomain = trustDomain;
    this.clusterDomains = Set.copyOf(List.of(DEFAULT_DOMAIN, trustDomain));
    this.ownNamespace = ownNamespace;
  }

  /**
   * The service that the host stands for.
   *
   * @param host a name or address without port, any case, with or without the final dot
   * @return {@code <service>.<namespace>[.svc[.<cluster domain>]]}, also behind a pod's name
   *     ({@code <pod>.<service>...}); empty for addresses and every other form
   */
  Optional<SpiffeId> serviceOf(String host) {
    String name = host.toLowerCase(Locale.ROOT);
    if (name.endsWith(".")) {
      name = name.substring(0, name.length() - 1);
    }
    List<String> labels = List.of(name.split("\\.", -1));
    if (!labels.stream().allMatch(label -> LABEL.matcher(label).matches()) || isAddress(labels)) {
      return Optional.empty();
    }
    return service(withoutSuffix(labels));
  }

  /** What stands before {@code .svc[.<cluster domain>]}; all of it where that suffix is missing. */
  private List<String> withoutSuffix(List<String> labels) {
    int svc = labels.indexOf("svc");
    if (svc < 2) {
      return labels;
    }
    String domain = String.join(".", labels.subList(svc + 1, labels.size()));
    return domain.isEmpty() || clusterDomains.contains(domain) ? labels.subList(0, svc) : List.of();
  }

  private Optional<SpiffeId> service(List<String> labels) {
    return switch (labels.size()) {
      case 1 ->
          Optional.ofNullable(ownNamespace)
              .map(namespace -> SpiffeId.service(trustDomain, namespace, labels.getFirst()));
      case 2 -> Optional.of(SpiffeId.service(trustDomain, labels.get(1), labels.get(0)));
      case 3 -> Optional.of(SpiffeId.service(trustDomain, labels.get(2), labels.get(1)));
      default -> Optional.empty();
    };
  }

  /** An IPv4 address has the form of labels; no top label of a name is a number. */
  private static boolean isAddress(List<String> labels) {
    return labels.getLast().chars().allMatch(c -> c >= '0' && c <= '9');
  }
}

package dev.writ.sidecar.outbound;

import dev.writ.contract.MalformedException;
import dev.writ.contract.SpiffeId;
import dev.writ.sidecar.Address;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * Where a target is and which service it is.
 *
 * @param address to connect to
 * @param service what the name means; empty when it cannot be a service
 */
record Route(Address address, Optional<SpiffeId> service) {

  /** Names to routes: {@code WRIT_HOSTS} first, then DNS at the time of connecting. */
  static final class Table {
    private final Map<Address, Address> hosts;
    private final ServiceNames names;
    private final Address own;

    /**
     * A table.
     *
     * @param hosts static names, each with its port
     * @param own where the helper itself listens
     */
    Table(Map<Address, Address> hosts, ServiceNames names, Address own) {
      this.hosts =
          hosts.entrySet().stream()
              .collect(
                  Collectors.toUnmodifiableMap(
                      entry -> lower(entry.getKey()), Map.Entry::getValue));
      this.names = names;
      this.own = own;
    }

    /**
     * The route of a target.
     *
     * @throws MalformedException when the target is the helper itself: the call would go round in a
     *     circle
     */
    Route of(Target target) throws MalformedException {
      Address named = lower(target.address());
      Address address = hosts.getOrDefault(named, named);
      if (isOwn(address)) {
        throw new MalformedException(
            "This is the helper itself: name the service in Host, or use the helper as HTTP"
                + " proxy.");
      }
      return new Route(address, names.serviceOf(named.host()));
    }

    /** Whether a target names the helper itself and no other host. */
    boolean isOwn(Target target) {
      return isOwn(lower(target.address()));
    }

    private boolean isOwn(Address address) {
      boolean loopback = address.host().equals(own.host()) || address.host().equals("localhost");
      return loopback && address.port() == own.port();
    }

    private static Address lower(Address address) {
      String host = address.host().toLowerCase(Locale.ROOT);
      return new Address(
          host.endsWith(".") ? host.substring(0, host.length() - 1) : host, address.port());
    }
  }
}

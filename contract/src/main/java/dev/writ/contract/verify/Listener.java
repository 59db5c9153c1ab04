package dev.writ.contract.verify;

import java.util.Set;

/**
 * The listener that took a call.
 *
 * @param services ids of the services behind it: a contract opens the listener of its audience, no
 *     other
 * @param protocol what it speaks
 */
public record Listener(Set<String> services, Protocol protocol) {
  /** Copies. */
  public Listener {
    services = Set.copyOf(services);
  }
}

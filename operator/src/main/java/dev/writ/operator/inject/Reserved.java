package dev.writ.operator.inject;

import dev.writ.contract.Names;
import java.util.Set;

/**
 * Names and numbers that belong to the sidecar: a pod that brings one of its own is refused, never
 * merged. (injection.md, R33)
 */
final class Reserved {
  /** emptyDir for what the JVM unpacks; the root file system is read-only. */
  static final String TMP_VOLUME = "writ-tmp";

  /**
   * Empty, mounted where the API server's own admission would otherwise mount a Kubernetes API
   * token. (R36)
   */
  static final String NO_API_TOKEN_VOLUME = "writ-no-api-token";

  static final Set<String> CONTAINERS = Set.of(Names.SIDECAR_CONTAINER, Names.CAPTURE_CONTAINER);
  static final Set<String> VOLUMES =
      Set.of(
          Names.STATE_VOLUME,
          Names.TOKEN_VOLUME,
          Names.TRUST_VOLUME,
          TMP_VOLUME,
          NO_API_TOKEN_VOLUME);

  /**
   * Every label and annotation key with this prefix is ours; an unknown one is a typing error that
   * must not pass silently.
   */
  static final String KEY_PREFIX = Names.GROUP + "/";

  /** What a pod's author may say. */
  static final Set<String> AUTHOR_ANNOTATIONS =
      Set.of(
          Names.INJECT,
          Names.CAPTURE,
          Names.MODE,
          Names.OUTBOUND,
          Names.APP_BIND_ENV,
          Names.DEPUTY,
          Names.LISTS,
          Names.RESPONSE_TIMEOUT,
          Names.IDLE_TIMEOUT,
          Names.SIDECAR_CPU,
          Names.SIDECAR_MEMORY);

  private Reserved() {}

  static boolean port(long port) {
    return port == Names.HELPER_PORT
        || (port >= Names.ADMIN_PORT && port < Names.CAPTURED_PORT + Names.MAX_CAPTURED_PORTS);
  }
}

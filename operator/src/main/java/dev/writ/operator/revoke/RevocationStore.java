package dev.writ.operator.revoke;

import java.util.Optional;

/**
 * Where the state survives a restart. A save that returned is durable; two savers from one version
 * can't both succeed.
 */
public interface RevocationStore {
  /**
   * A state and the version that the next save has to name.
   *
   * @param version opaque
   */
  record Stored(RevocationState state, String version) {}

  /**
   * The newest state; empty before the first save. Unreadable content is an exception, never an
   * empty state.
   */
  Optional<Stored> load();

  /**
   * Stores the state if nothing was stored since {@code version}.
   *
   * @param version as loaded, or empty for the first save
   * @throws StaleVersionException if somebody else stored in between
   */
  Stored save(RevocationState state, String version) throws StaleVersionException;

  /** Somebody else stored in between; what was to be saved is void. */
  final class StaleVersionException extends Exception {
    private static final long serialVersionUID = 1L;

    /** Says which state it was about. */
    public StaleVersionException(String message) {
      super(message);
    }
  }
}

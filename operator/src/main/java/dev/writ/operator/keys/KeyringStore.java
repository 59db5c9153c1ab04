package dev.writ.operator.keys;

import dev.writ.contract.MalformedException;
import java.util.Optional;

/**
 * Where the ring survives a restart. A save that returned is durable; of two savers from one
 * version one fails.
 */
public interface KeyringStore {
  /**
   * A ring, what is asked of it, and the version that the next save has to name.
   *
   * @param version opaque
   */
  record Stored(Keyring ring, KeyRequests requests, String version) {}

  /**
   * The newest ring; empty if there is none.
   *
   * @throws MalformedException if something else is there; it is never overwritten, for it may be
   *     all that is left of a key
   */
  Optional<Stored> load() throws MalformedException;

  /**
   * Stores the ring and takes the requests down, both or neither, if nothing was stored since.
   *
   * @param version as loaded, empty for the first
   * @throws ConflictException if somebody else stored in between
   */
  Stored save(Keyring ring, String version) throws ConflictException, MalformedException;

  /** Somebody else stored in between; look again. */
  final class ConflictException extends Exception {
    private static final long serialVersionUID = 1L;

    /** Says what was changed. */
    public ConflictException(String message) {
      super(message);
    }
  }
}

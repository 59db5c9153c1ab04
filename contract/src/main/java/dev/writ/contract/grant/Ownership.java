package dev.writ.contract.grant;

/**
 * Which server-made ids belong to the caller: what one caller was given must not be used by another
 * (actions.md). Asked on the caller's behalf; an id that nobody knows is nobody's.
 */
public interface Ownership {
  /** Nothing is anybody's. */
  Ownership NONE = of(false);

  /** Everything is: for a caller that asks about itself and leaves the question to the gate. */
  Ownership ALL = of(true);

  /** Whether this A2A task was made by a call of the caller. */
  boolean ownsTask(String id);

  /** Whether this MCP session was opened by the caller. */
  boolean ownsSession(String id);

  private static Ownership of(boolean owns) {
    return new Ownership() {
      @Override
      public boolean ownsTask(String id) {
        return owns;
      }

      @Override
      public boolean ownsSession(String id) {
        return owns;
      }
    };
  }
}

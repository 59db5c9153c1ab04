package dev.writ.operator.counting;

import dev.writ.operator.issue.Programs.Place;
import dev.writ.operator.ledger.LedgerState;
import java.util.List;
import java.util.Optional;

/**
 * Where ledgers are kept. Every change is a compare-and-swap: of two operators that both believe to
 * lead, one fails. Failures of the API server itself are unchecked exceptions. (quota.md, Order)
 */
interface LedgerStore {
  /**
   * A ledger as it was read or written.
   *
   * @param cid of its capability
   * @param version opaque, another one after each change
   */
  record Stored(String cid, Place place, LedgerState state, String version) {}

  /** Somebody else changed or made or deleted it: nothing was written, read it again. */
  final class ConflictException extends Exception {
    private static final long serialVersionUID = 1L;

    ConflictException(String message) {
      super(message);
    }
  }

  /** All ledgers there are. */
  List<Stored> all();

  /** The ledger of a capability, empty when there is none. */
  Optional<Stored> load(String cid, Place place);

  /** Makes an empty ledger that goes when its capability goes. */
  Stored create(String cid, Place place) throws ConflictException;

  /** Replaces the state; durable when this returns. */
  Stored save(Stored before, LedgerState next) throws ConflictException;

  /** Removes the ledger of a capability that is gone, if it is there. */
  void delete(String cid, Place place);
}

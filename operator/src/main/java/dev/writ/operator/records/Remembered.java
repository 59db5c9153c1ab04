package dev.writ.operator.records;

import dev.writ.contract.MalformedException;
import dev.writ.contract.json.JsonValue;
import dev.writ.contract.json.JsonWriter;

/**
 * A listener whose sums are kept beside the log, so that a start reads only what came after them.
 * What it says after {@link #restored} and the records that follow is what it would say after all
 * records.
 */
public interface Remembered extends TransparencyLog.Listener {
  /** Tells its sums from those of others, for as long as there are logs. */
  String name();

  /** Writes its sums as one value. Called between records. */
  void save(JsonWriter json);

  /**
   * Reads what {@link #save} wrote, and changes nothing yet.
   *
   * @return puts what was read in place of all that it holds
   */
  Runnable restored(JsonValue sums) throws MalformedException;
}

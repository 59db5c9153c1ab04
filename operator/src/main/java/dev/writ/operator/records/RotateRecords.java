package dev.writ.operator.records;

import dev.writ.audit.AuditRecord;
import dev.writ.audit.OperatorEntry.Rotate;
import dev.writ.audit.OperatorEntry.Signing;
import dev.writ.contract.MalformedException;
import dev.writ.contract.document.Members;
import dev.writ.contract.json.JsonValue;
import dev.writ.contract.json.JsonWriter;
import java.io.IOException;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/**
 * Puts into the log which keys sign and count, whenever that is not what the log says already.
 * (audit.md, Record)
 */
public final class RotateRecords implements Remembered {
  private final Map<Signing, Keys> logged = new EnumMap<>(Signing.class);

  private record Keys(String current, List<String> trusted) {}

  @Override
  public synchronized void stored(long index, String podUid, AuditRecord stored) {
    if (podUid.isEmpty() && stored.entry() instanceof Rotate rotate) {
      logged.put(rotate.what(), new Keys(rotate.current(), rotate.trusted()));
    }
  }

  @Override
  public String name() {
    return "rotate";
  }

  @Override
  public synchronized void save(JsonWriter json) {
    json.beginArray();
    logged.forEach(
        (what, keys) ->
            json.beginObject()
                .member("what", what.name())
                .member("current", keys.current)
                .member("trusted", keys.trusted)
                .endObject());
    json.endArray();
  }

  @Override
  public Runnable restored(JsonValue sums) throws MalformedException {
    Map<Signing, Keys> all = new EnumMap<>(Signing.class);
    for (JsonValue each : Members.list(name(), sums)) {
      Members keys = Members.of(name(), each);
      all.put(
          Signing.valueOf(keys.string("what")),
          new Keys(keys.string("current"), keys.strings("trusted")));
      keys.end();
    }
    return () -> replace(all);
  }

  private synchronized void replace(Map<Signing, Keys> all) {
    logged.clear();
    logged.putAll(all);
  }

  /**
   * Records the keys that hold from now on. To be called before one of them signs.
   *
   * @param current thumbprint of the one that signs
   * @param trusted thumbprints of all whose signatures count
   * @throws IOException when it could not be recorded
   */
  public void keys(OperatorLog log, Signing what, String current, List<String> trusted)
      throws IOException {
    if (differs(what, current, trusted)) {
      OperatorLog.Stamp now = log.stamp();
      log.append(List.of(new Rotate(now.time(), now.pod(), what, current, trusted)));
    }
  }

  private synchronized boolean differs(Signing what, String current, List<String> trusted) {
    return !new Keys(current, List.copyOf(trusted)).equals(logged.get(what));
  }
}

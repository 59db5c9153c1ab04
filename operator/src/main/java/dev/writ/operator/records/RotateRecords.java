package dev.writ.operator.records;

import dev.writ.audit.AuditRecord;
import dev.writ.audit.OperatorEntry.Rotate;
import dev.writ.audit.OperatorEntry.Signing;
import java.io.IOException;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/**
 * Puts into the log which keys sign and count, whenever that is not what the log says already.
 * (audit.md, Record)
 */
public final class RotateRecords implements TransparencyLog.Listener {
  private final Map<Signing, Rotate> logged = new EnumMap<>(Signing.class);

  @Override
  public synchronized void stored(long index, String podUid, AuditRecord stored) {
    if (podUid.isEmpty() && stored.entry() instanceof Rotate rotate) {
      logged.put(rotate.what(), rotate);
    }
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
    Rotate known = logged.get(what);
    return known == null || !known.current().equals(current) || !known.trusted().equals(trusted);
  }
}

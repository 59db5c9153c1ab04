package dev.writ.audit.trace;

import dev.writ.audit.OperatorEntry;
import dev.writ.audit.log.RecordScan;
import dev.writ.audit.log.TileReader;
import java.io.IOException;
import java.util.LinkedHashSet;
import java.util.Set;

/** From the names that people give capabilities to the ids that records know them by. */
public final class CapabilityNames {
  private CapabilityNames() {}

  /**
   * The cids of all capabilities that were ever issued under that name: one that is deleted and
   * made again has another. Reads the whole log.
   *
   * @param name {@code <namespace>/<name>}
   * @throws IOException when the log can't be read
   */
  public static Set<String> cids(TileReader log, String name) throws IOException {
    Set<String> cids = new LinkedHashSet<>();
    RecordScan.each(
        log,
        0,
        (index, line, stored, pod) -> {
          if (stored.entry() instanceof OperatorEntry.Issue issue) {
            issue.contracts().stream()
                .filter(contract -> contract.name().equals(name))
                .forEach(contract -> cids.add(contract.cid()));
          }
        });
    return cids;
  }
}

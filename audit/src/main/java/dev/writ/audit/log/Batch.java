package dev.writ.audit.log;

import java.util.List;

/**
 * Records as a gate ships them.
 *
 * @param boot whose records they are
 * @param lines in the order of their sequence numbers, without line feeds
 */
public record Batch(String boot, List<String> lines) {
  public Batch {
    lines = List.copyOf(lines);
  }
}

package dev.writ.audit.verify;

import java.util.ArrayList;
import java.util.List;

/** Collects what is wrong; keeps the first ones, since a broken log has as many as entries. */
final class Findings {
  private final List<Finding> kept = new ArrayList<>();
  private long count;

  void add(Finding finding) {
    if (count < LogVerifier.MAX_FINDINGS) {
      kept.add(finding);
    }
    count++;
  }

  List<Finding> kept() {
    return kept;
  }

  long count() {
    return count;
  }
}

package dev.writ.operator.tls;

import java.util.ArrayList;
import java.util.List;

/**
 * What a serving certificate has to name.
 *
 * @param called DNS names and addresses that sidecars and the API server call the operator by; a
 *     certificate without them is not served
 * @param further names that a certificate of our own carries too
 */
public record ServingNames(List<String> called, List<String> further) {
  /** Copies the lists; something has to be called. */
  public ServingNames {
    called = List.copyOf(called);
    further = List.copyOf(further);
    if (called.isEmpty()) {
      throw new IllegalArgumentException("called is empty");
    }
  }

  List<String> all() {
    List<String> all = new ArrayList<>(called);
    all.addAll(further);
    return all.stream().distinct().toList();
  }
}

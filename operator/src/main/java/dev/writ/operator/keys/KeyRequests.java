package dev.writ.operator.keys;

import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What people asked for by annotations.
 *
 * @param revoke thumbprints of keys to remove at once, or whatever was written instead of them
 * @param rotate whether a new key is wanted
 */
public record KeyRequests(Set<String> revoke, boolean rotate) {
  /** Nothing was asked. */
  public static final KeyRequests NONE = new KeyRequests(Set.of(), false);

  /** Annotation: thumbprints, separated by commas. */
  public static final String REVOKE = dev.writ.contract.Names.REVOKE_KEY;

  /** Annotation: any value asks once. */
  public static final String ROTATE = dev.writ.contract.Names.ROTATE_KEY;

  /** Copies. */
  public KeyRequests {
    revoke = Set.copyOf(revoke);
  }

  /** Reads the annotations of an object. */
  static KeyRequests of(@Nullable Map<String, String> annotations) {
    if (annotations == null) {
      return NONE;
    }
    Set<String> revoke = new LinkedHashSet<>();
    for (String kid : annotations.getOrDefault(REVOKE, "").split(",", -1)) {
      if (!kid.isBlank()) {
        revoke.add(kid.strip());
      }
    }
    return new KeyRequests(revoke, annotations.containsKey(ROTATE));
  }

  /** Both. */
  KeyRequests and(KeyRequests other) {
    Set<String> all = new LinkedHashSet<>(revoke);
    all.addAll(other.revoke);
    return new KeyRequests(all, rotate || other.rotate);
  }

  /** Whether nothing was asked. */
  boolean none() {
    return revoke.isEmpty() && !rotate;
  }
}

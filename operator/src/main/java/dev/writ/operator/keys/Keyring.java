package dev.writ.operator.keys;

import dev.writ.contract.key.PublicKey;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * All keys of the issuer at one moment, and how one such moment follows another. Pure.
 *
 * @param keys exactly one current, at most one next, each key once; the current first
 */
public record Keyring(List<IssuerKey> keys) {
  /**
   * How long a key is trusted after it signed last, seconds: a contract lives 900 at most, and
   * another operator may go on for a minute before it sees the change.
   */
  public static final long MEMORY_SECONDS = 900 + 120;

  /** How many removed keys are remembered. */
  static final int MAX_REVOKED = 16;

  /** Copies, orders and checks. */
  public Keyring {
    keys =
        keys.stream()
            .sorted(Comparator.comparingInt((IssuerKey key) -> rank(key.state())))
            .toList();
    if (count(keys, KeyState.CURRENT) != 1) {
      throw new IllegalArgumentException("keys: exactly one must be current");
    }
    if (count(keys, KeyState.NEXT) > 1) {
      throw new IllegalArgumentException("keys: at most one may be next");
    }
    Set<PublicKey> seen = new HashSet<>();
    for (IssuerKey key : keys) {
      if (!seen.add(key.key())) {
        throw new IllegalArgumentException("keys: " + key.kid() + " is there twice");
      }
    }
  }

  private static int rank(KeyState state) {
    return switch (state) {
      case CURRENT -> 0;
      case NEXT -> 1;
      case OLD -> 2;
      case REVOKED -> 3;
    };
  }

  private static long count(List<IssuerKey> keys, KeyState state) {
    return keys.stream().filter(key -> key.state() == state).count();
  }

  /** A ring of one key, which signs. */
  static Keyring first(PublicKey key, KeyReference reference, long now) {
    return new Keyring(List.of(new IssuerKey(key, KeyState.CURRENT, now, 0, reference)));
  }

  /** The key that signs. */
  public IssuerKey current() {
    return keys.getFirst();
  }

  /** The key that will sign next, if it is there already. */
  public Optional<IssuerKey> next() {
    return keys.stream().filter(key -> key.state() == KeyState.NEXT).findAny();
  }

  /** The key of that thumbprint. */
  public Optional<IssuerKey> key(String kid) {
    return keys.stream().filter(key -> key.kid().equals(kid)).findAny();
  }

  /** What sidecars accept, the current first. */
  public List<PublicKey> trusted() {
    return keys.stream().filter(key -> key.state().trusted()).map(IssuerKey::key).toList();
  }

  /** How many keys are trusted and sign no more. */
  public int old() {
    return (int) count(keys, KeyState.OLD);
  }

  /** A new key is to be published; nothing is signed with it yet. */
  Keyring announce(PublicKey key, KeyReference reference, long now) {
    List<IssuerKey> more = new ArrayList<>(keys);
    more.add(new IssuerKey(key, KeyState.NEXT, now, 0, reference));
    return new Keyring(more);
  }

  /** The next key signs from now on, and the current one never again. */
  Keyring promote(long now) {
    IssuerKey next = next().orElseThrow(() -> new IllegalStateException("no key is next"));
    List<IssuerKey> after = new ArrayList<>();
    for (IssuerKey key : keys) {
      after.add(
          switch (key.state()) {
            case NEXT -> signing(next, now);
            case CURRENT -> new IssuerKey(key.key(), KeyState.OLD, now, now + MEMORY_SECONDS, null);
            case OLD, REVOKED -> key;
          });
    }
    return new Keyring(after);
  }

  private static IssuerKey signing(IssuerKey next, long now) {
    return new IssuerKey(next.key(), KeyState.CURRENT, now, 0, next.reference());
  }

  /** Whether {@link #expire} would drop a key. */
  boolean expires(long now) {
    return keys.stream().anyMatch(key -> key.state() == KeyState.OLD && key.until() <= now);
  }

  /** Drops old keys whose last contract has ended. */
  Keyring expire(long now) {
    return new Keyring(
        keys.stream().filter(key -> key.state() != KeyState.OLD || key.until() > now).toList());
  }

  /** Whether one of these is a key that is still trusted. */
  boolean trusts(Set<String> kids) {
    return keys.stream().anyMatch(key -> key.state().trusted() && kids.contains(key.kid()));
  }

  /**
   * Whether {@link #revoke} needs a new key to sign with: the current one goes, and there is no
   * next, or it goes as well.
   */
  boolean needsReplacement(Set<String> kids) {
    return kids.contains(current().kid())
        && next().filter(key -> !kids.contains(key.kid())).isEmpty();
  }

  /**
   * Removes keys at once; what they signed counts no more. Without the current key the next one
   * signs, published or not: what is refused meanwhile is the price of the emergency.
   *
   * @param replacement a fresh ring, whose key signs if {@link #needsReplacement}
   */
  Keyring revoke(Set<String> kids, Optional<Keyring> replacement, long now) {
    List<IssuerKey> after = new ArrayList<>();
    boolean headless = kids.contains(current().kid());
    for (IssuerKey key : keys) {
      if (key.state().trusted() && kids.contains(key.kid())) {
        after.add(new IssuerKey(key.key(), KeyState.REVOKED, now, 0, null));
      } else if (headless && key.state() == KeyState.NEXT) {
        after.add(signing(key, now));
      } else {
        after.add(key);
      }
    }
    if (needsReplacement(kids)) {
      after.add(replacement.map(Keyring::current).orElseThrow());
    }
    List<IssuerKey> forgotten =
        after.stream()
            .filter(key -> key.state() == KeyState.REVOKED)
            .sorted(Comparator.comparingLong(IssuerKey::since).reversed())
            .skip(MAX_REVOKED)
            .toList();
    after.removeAll(forgotten);
    return new Keyring(after);
  }

  /** References of this ring that the other does not have. */
  List<KeyReference> referencesBeyond(Keyring other) {
    Set<KeyReference> theirs = new HashSet<>();
    for (IssuerKey key : other.keys) {
      if (key.reference() != null) {
        theirs.add(key.reference());
      }
    }
    List<KeyReference> beyond = new ArrayList<>();
    for (IssuerKey key : keys) {
      if (key.reference() != null && !theirs.contains(key.reference())) {
        beyond.add(key.reference());
      }
    }
    return beyond;
  }

  @Override
  public String toString() {
    return keys.toString();
  }
}

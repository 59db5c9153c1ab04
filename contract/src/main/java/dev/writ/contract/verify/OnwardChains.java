package dev.writ.contract.verify;

import dev.writ.contract.MalformedException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The chains that a caller hands over for onward use: the headers {@code Capability-Delegation} and
 * {@code Capability-Delegation-Identity} (protocol.md, section 2). Each chain ends in a block for
 * the callee replica's own key, whose identity the callee adds itself.
 */
public final class OnwardChains {
  private static final String CHAINS = " ; ";
  private static final String BLOCKS = ", ";
  private static final int MAX_CHAINS = 16;

  private OnwardChains() {}

  /**
   * One chain as it was sent, not verified.
   *
   * @param contract its blocks, root first, as in {@code Capability-Contract}
   * @param identities of all its delegations but the last, as in {@code Capability-Identity}; null
   *     when there are none
   */
  public record Onward(String contract, @Nullable String identities) {
    /**
     * The value of {@code Capability-Identity} for the chain in use: with the identity of the last
     * delegate.
     */
    public String identitiesWith(String own) {
      return identities == null ? own : identities + BLOCKS + own;
    }
  }

  /**
   * Splits the header values; anything but their one syntax throws.
   *
   * @param delegation value of {@code Capability-Delegation}
   * @param identities value of {@code Capability-Delegation-Identity}, null when absent
   */
  public static List<Onward> split(String delegation, @Nullable String identities)
      throws MalformedException {
    List<String> given = identities == null ? List.of() : list(identities);
    List<Onward> chains = new ArrayList<>();
    int taken = 0;
    for (String chain : delegation.split(CHAINS, -1)) {
      List<String> blocks = list(chain);
      int needed = blocks.size() - 2;
      if (needed < 0 || taken + needed > given.size() || chains.size() == MAX_CHAINS) {
        throw new MalformedException("Capability-Delegation");
      }
      String own = needed == 0 ? null : String.join(BLOCKS, given.subList(taken, taken + needed));
      chains.add(new Onward(chain, own));
      taken += needed;
    }
    if (taken != given.size()) {
      throw new MalformedException("Capability-Delegation-Identity");
    }
    return chains;
  }

  /**
   * The header values that {@link #split} reads: delegation first, identities second (null when
   * there are none).
   */
  public static List<@Nullable String> join(List<Onward> chains) {
    List<String> contracts = new ArrayList<>();
    List<String> identities = new ArrayList<>();
    for (Onward chain : chains) {
      contracts.add(chain.contract());
      if (chain.identities() != null) {
        identities.add(chain.identities());
      }
    }
    List<@Nullable String> values = new ArrayList<>();
    values.add(String.join(CHAINS, contracts));
    values.add(identities.isEmpty() ? null : String.join(BLOCKS, identities));
    return values;
  }

  /** Whether the value has the syntax of {@code Capability-Delegation}. */
  static boolean isDelegation(String value) {
    for (String chain : value.split(CHAINS, -1)) {
      if (!isIdentities(chain)) {
        return false;
      }
    }
    return true;
  }

  /** Whether the value has the syntax of {@code Capability-Delegation-Identity}. */
  static boolean isIdentities(String value) {
    for (String item : value.split(BLOCKS, -1)) {
      if (!isCompact(item)) {
        return false;
      }
    }
    return true;
  }

  private static List<String> list(String text) throws MalformedException {
    List<String> items = List.of(text.split(BLOCKS, -1));
    for (String item : items) {
      if (!isCompact(item)) {
        throw new MalformedException("Capability-Delegation: not a list of compact JWS");
      }
    }
    return items;
  }

  /** Three parts of base64url characters. */
  private static boolean isCompact(String text) {
    int dots = 0;
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      boolean base64url =
          (c >= 'a' && c <= 'z')
              || (c >= 'A' && c <= 'Z')
              || (c >= '0' && c <= '9')
              || c == '-'
              || c == '_';
      if (c == '.') {
        dots++;
      } else if (!base64url) {
        return false;
      }
    }
    return dots == 2;
  }
}

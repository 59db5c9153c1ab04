package dev.writ.operator.keys;

import java.util.Arrays;
import java.util.Optional;

/** Where a key is in its life; it only moves down this list. */
public enum KeyState {
  /** Published to the sidecars, not used yet. */
  NEXT("next"),
  /** Signs everything. */
  CURRENT("current"),
  /** Signs nothing; trusted until the last contract that it signed has ended. */
  OLD("old"),
  /** Removed at once; remembered so that its owner sees that it is so. */
  REVOKED("revoked");

  private final String word;

  KeyState(String word) {
    this.word = word;
  }

  /** As it is stored and shown. */
  public String word() {
    return word;
  }

  /** Whether sidecars accept what it signed. */
  public boolean trusted() {
    return this != REVOKED;
  }

  static Optional<KeyState> of(String word) {
    return Arrays.stream(values()).filter(state -> state.word.equals(word)).findAny();
  }
}

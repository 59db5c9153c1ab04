package dev.writ.contract.verify;

import dev.writ.contract.verify.Window.Verdict;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The windows of all challenges in use, by holder key (protocol.md, section 3; Replay.tla).
 * Bounded: dropping a window raises its key's watermark, dropping a key's state raises the global
 * one, and challenges issued at or before a watermark no longer count. Not thread-safe: the owner's
 * lock makes re-check and test-and-set one step.
 */
final class Windows {
  static final int PER_KEY = 16;

  private final int maxWindows;
  private final LinkedHashMap<String, KeyState> keys = new LinkedHashMap<>();
  private int count;
  private long global;

  /**
   * An empty store.
   *
   * @param maxWindows of all keys together, at least 16
   * @param watermark challenges issued at or before it do not count; -1 = none
   */
  Windows(int maxWindows, long watermark) {
    if (maxWindows < PER_KEY) {
      throw new IllegalArgumentException("maxWindows: below " + PER_KEY);
    }
    this.maxWindows = maxWindows;
    this.global = watermark;
  }

  private static final class KeyState {
    private final TreeMap<Long, Window> windows = new TreeMap<>();
    private long watermark;

    private KeyState(long watermark) {
      this.watermark = watermark;
    }

    /** Every challenge that this key ever had a window for is at or before it. */
    private long highest() {
      return windows.isEmpty() ? watermark : Math.max(watermark, windows.lastKey());
    }
  }

  /** Whether a challenge is at or before the watermark that holds for the key. */
  boolean isClosed(String jkt, long issued) {
    KeyState state = keys.get(jkt);
    return issued <= (state == null ? global : state.watermark);
  }

  /** Test-and-set, after the watermark was looked at again. */
  Verdict offer(String jkt, long issued, int seq) {
    KeyState state = touch(jkt);
    if (state == null ? issued <= global : issued <= state.watermark) {
      return Verdict.UNKNOWN;
    }
    Window window = state == null ? null : state.windows.get(issued);
    if (window == null) {
      window = open(jkt, state, issued);
    }
    return window == null ? Verdict.UNKNOWN : window.offer(seq);
  }

  /** The key becomes the last that is dropped. */
  private @Nullable KeyState touch(String jkt) {
    KeyState state = keys.remove(jkt);
    if (state != null) {
      keys.put(jkt, state);
    }
    return state;
  }

  /**
   * Makes a window, or refuses: when there are too many, the lowest goes, and that may be this one.
   */
  private @Nullable Window open(String jkt, @Nullable KeyState known, long issued) {
    if (known != null && known.windows.size() == PER_KEY) {
      long lowest = known.windows.firstKey();
      known.watermark = Math.max(known.watermark, Math.min(lowest, issued));
      if (issued < lowest) {
        return null;
      }
      known.windows.remove(lowest);
      count--;
    } else if (count >= maxWindows && !makeRoom(jkt)) {
      return null;
    }
    KeyState state = known;
    if (state == null) {
      // The global watermark may have risen just now, for room.
      if (issued <= global) {
        return null;
      }
      state = new KeyState(global);
      keys.put(jkt, state);
    }
    Window window = new Window();
    state.windows.put(issued, window);
    count++;
    return window;
  }

  /** Drops the state of the key that was idle for longest, never this one's. */
  private boolean makeRoom(String jkt) {
    Iterator<Map.Entry<String, KeyState>> oldest = keys.entrySet().iterator();
    while (count >= maxWindows && oldest.hasNext()) {
      Map.Entry<String, KeyState> entry = oldest.next();
      if (!entry.getKey().equals(jkt)) {
        KeyState state = entry.getValue();
        global = Math.max(global, state.highest());
        count -= state.windows.size();
        oldest.remove();
      }
    }
    return count < maxWindows;
  }

  int windows() {
    return count;
  }

  int keys() {
    return keys.size();
  }
}

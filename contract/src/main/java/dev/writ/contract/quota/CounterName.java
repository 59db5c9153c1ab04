package dev.writ.contract.quota;

import dev.writ.contract.MalformedException;
import java.util.ArrayList;
import java.util.List;

/**
 * Name of one counter in a gate's file: the cids of a whole chain, root first, joined by {@code /},
 * each block that has no limit on calls marked by {@code ~} before its cid.
 *
 * <p>The marks are part of the name because a limit can be added to a capability or taken away:
 * what was spent while a block had none must not count for it, or its total would pass its grants.
 *
 * @param text the name as it stands in files and messages
 * @param path the whole path, without marks
 * @param counted the paths that a call on this counter counts for, root first; not empty
 */
public record CounterName(String text, String path, List<String> counted) {
  /** Longest name in characters, all of them ASCII. */
  public static final int MAX_LENGTH = CounterPath.MAX_LENGTH + CounterPath.MAX_BLOCKS - 1;

  private static final String UNCOUNTED = "~";

  /** Copies. */
  public CounterName {
    counted = List.copyOf(counted);
  }

  /**
   * Reads a name.
   *
   * @throws MalformedException when it is none, or counts for no block
   */
  public static CounterName parse(String text) throws MalformedException {
    String path = text.replace(UNCOUNTED, "");
    if (!CounterPath.isValid(path) || text.length() > MAX_LENGTH) {
      throw new MalformedException("counter: not one to five cids");
    }
    List<String> lineage = CounterPath.lineage(path);
    boolean[] counts = new boolean[lineage.size()];
    String[] cids = text.split("/", -1);
    for (int i = 0; i < counts.length; i++) {
      counts[i] = !cids[i].startsWith(UNCOUNTED);
    }
    CounterName name = of(path, counts);
    if (!name.text.equals(text)) {
      throw new MalformedException("counter: a mark in the wrong place");
    }
    if (name.counted.isEmpty()) {
      throw new MalformedException("counter: no block that counts");
    }
    return name;
  }

  /**
   * The counter of a chain.
   *
   * @param path of its last block
   * @param counts for each block, root first, whether it has a limit on calls
   */
  public static CounterName of(String path, boolean[] counts) {
    List<String> lineage = CounterPath.lineage(path);
    if (lineage.size() != counts.length) {
      throw new IllegalArgumentException("counts: as many as there are blocks");
    }
    StringBuilder text = new StringBuilder(path.length() + counts.length);
    List<String> counted = new ArrayList<>(counts.length);
    for (int i = 0; i < counts.length; i++) {
      String at = lineage.get(i);
      text.append(i == 0 ? "" : "/").append(counts[i] ? "" : UNCOUNTED);
      text.append(at, at.lastIndexOf('/') + 1, at.length());
      if (counts[i]) {
        counted.add(at);
      }
    }
    return new CounterName(text.toString(), path, counted);
  }

  @Override
  public String toString() {
    return text;
  }
}

package dev.writ.contract.quota;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;

/**
 * Names of ledger entries: the cids of a chain from the root to one block, joined by {@code /}
 * (quota.md, Totals).
 */
public final class CounterPath {
  /** Most blocks of a chain (protocol.md, Delegation). */
  public static final int MAX_BLOCKS = 5;

  /** Longest path: five cids and the slashes between them. */
  public static final int MAX_LENGTH = MAX_BLOCKS * 37 - 1;

  private static final String CID = "[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}";
  private static final Pattern PATH =
      Pattern.compile(CID + "(/" + CID + "){0," + (MAX_BLOCKS - 1) + "}");

  private CounterPath() {}

  /** Whether {@code text} is one to five cids, joined by {@code /}. */
  public static boolean isValid(String text) {
    return text.length() <= MAX_LENGTH && PATH.matcher(text).matches();
  }

  /** The cid of the root: what names the CallLedger. */
  public static String root(String path) {
    int slash = path.indexOf('/');
    return slash < 0 ? path : path.substring(0, slash);
  }

  /** Whether this is the path of a root, not of a delegation. */
  public static boolean isRoot(String path) {
    return path.indexOf('/') < 0;
  }

  /** Whether {@code path} is {@code ancestor} or hangs below it. */
  public static boolean isAtOrBelow(String path, String ancestor) {
    return path.startsWith(ancestor)
        && (path.length() == ancestor.length() || path.charAt(ancestor.length()) == '/');
  }

  /** The paths from the root to {@code path}, both included. */
  public static List<String> lineage(String path) {
    List<String> lineage = new ArrayList<>(MAX_BLOCKS);
    for (int slash = path.indexOf('/'); slash >= 0; slash = path.indexOf('/', slash + 1)) {
      lineage.add(path.substring(0, slash));
    }
    lineage.add(path);
    return lineage;
  }
}

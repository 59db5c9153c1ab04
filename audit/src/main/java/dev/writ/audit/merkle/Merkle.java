package dev.writ.audit.merkle;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/**
 * Roots and proofs of RFC 6962, section 2.1; proofs are checked as RFC 9162, sections 2.1.3.2 and
 * 2.1.4.2, say.
 */
public final class Merkle {
  private Merkle() {}

  /** The root of the first {@code size} entries. */
  public static Hash root(long size, Subtrees tree) throws IOException {
    return size == 0 ? Hash.EMPTY_ROOT : range(0, size, tree);
  }

  /** The path from an entry's sibling up to the root's child. */
  public static List<Hash> inclusion(long index, long size, Subtrees tree) throws IOException {
    Objects.checkIndex(index, size);
    List<Hash> path = new ArrayList<>();
    inclusion(index, 0, size, tree, path);
    return path;
  }

  /**
   * The proof that the first {@code size} entries begin with the first {@code old}; empty when
   * either says nothing.
   */
  public static List<Hash> consistency(long old, long size, Subtrees tree) throws IOException {
    Objects.checkFromToIndex(old, size, size);
    List<Hash> proof = new ArrayList<>();
    if (old > 0 && old < size) {
      consistency(old, 0, size, true, tree, proof);
    }
    return proof;
  }

  /** Whether {@code path} leads from the entry's hash to the root. */
  public static boolean included(Hash leaf, long index, long size, List<Hash> path, Hash root) {
    if (index < 0 || index >= size) {
      return false;
    }
    long node = index;
    long last = size - 1;
    Hash hash = leaf;
    for (Hash sibling : path) {
      if (last == 0) {
        return false;
      }
      if ((node & 1) == 1 || node == last) {
        hash = Hash.node(sibling, hash);
        int skipped = (node & 1) == 1 ? 0 : Long.numberOfTrailingZeros(node);
        node >>>= skipped;
        last >>>= skipped;
      } else {
        hash = Hash.node(hash, sibling);
      }
      node >>>= 1;
      last >>>= 1;
    }
    return last == 0 && hash.equals(root);
  }

  /**
   * Whether {@code proof} shows that the tree of {@code size} begins with the tree of {@code old}.
   */
  public static boolean consistent(long old, Hash oldRoot, long size, Hash root, List<Hash> proof) {
    if (old < 0 || old > size) {
      return false;
    }
    if (old == size || old == 0) {
      return proof.isEmpty() && (old == 0 ? oldRoot.equals(Hash.EMPTY_ROOT) : oldRoot.equals(root));
    }
    List<Hash> path = new ArrayList<>(proof.size() + 1);
    if (Long.bitCount(old) == 1) {
      path.add(oldRoot);
    }
    path.addAll(proof);
    return !path.isEmpty() && walk(old, oldRoot, size, root, path);
  }

  private static boolean walk(long old, Hash oldRoot, long size, Hash root, List<Hash> path) {
    int common = Long.numberOfTrailingZeros(old);
    long node = (old - 1) >>> common;
    long last = (size - 1) >>> common;
    Hash before = path.getFirst();
    Hash after = path.getFirst();
    for (Hash sibling : path.subList(1, path.size())) {
      if (last == 0) {
        return false;
      }
      if ((node & 1) == 1 || node == last) {
        before = Hash.node(sibling, before);
        after = Hash.node(sibling, after);
        int skipped = (node & 1) == 1 ? 0 : Long.numberOfTrailingZeros(node);
        node = skipped == Long.SIZE ? 0 : node >>> skipped;
        last = skipped == Long.SIZE ? 0 : last >>> skipped;
      } else {
        after = Hash.node(after, sibling);
      }
      node >>>= 1;
      last >>>= 1;
    }
    return last == 0 && before.equals(oldRoot) && after.equals(root);
  }

  private static void inclusion(long index, long from, long to, Subtrees tree, List<Hash> path)
      throws IOException {
    if (to - from == 1) {
      return;
    }
    long middle = from + split(to - from);
    if (index < middle) {
      inclusion(index, from, middle, tree, path);
      path.add(range(middle, to, tree));
    } else {
      inclusion(index, middle, to, tree, path);
      path.add(range(from, middle, tree));
    }
  }

  private static void consistency(
      long old, long from, long to, boolean known, Subtrees tree, List<Hash> proof)
      throws IOException {
    if (old == to) {
      if (!known) {
        proof.add(range(from, to, tree));
      }
      return;
    }
    long middle = from + split(to - from);
    if (old <= middle) {
      consistency(old, from, middle, known, tree, proof);
      proof.add(range(middle, to, tree));
    } else {
      consistency(old, middle, to, false, tree, proof);
      proof.add(range(from, middle, tree));
    }
  }

  /** MTH(D[from:to]); {@code from} is a multiple of the largest power of two within. */
  private static Hash range(long from, long to, Subtrees tree) throws IOException {
    long size = to - from;
    if (Long.bitCount(size) == 1) {
      int level = Long.numberOfTrailingZeros(size);
      return tree.at(level, from >>> level);
    }
    long middle = from + split(size);
    return Hash.node(range(from, middle, tree), range(middle, to, tree));
  }

  /** The largest power of two below {@code size}. */
  private static long split(long size) {
    return Long.highestOneBit(size - 1);
  }
}

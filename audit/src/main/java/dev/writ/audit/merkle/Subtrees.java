package dev.writ.audit.merkle;

import java.io.IOException;

/** The complete subtrees of a tree, from wherever they are kept. */
@FunctionalInterface
public interface Subtrees {
  /**
   * The hash over the entries {@code [index << level, (index + 1) << level)}, all of which are in
   * the tree.
   *
   * @throws IOException when it can't be had
   */
  Hash at(int level, long index) throws IOException;
}

package dev.writ.audit.log;

import dev.writ.audit.log.LogWriter.State;
import dev.writ.audit.merkle.Hash;
import dev.writ.contract.MalformedException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Comparator;
import java.util.List;

/**
 * Where the boots stood at some size of the log, so that a start reads only what came after. A
 * shortcut: without one the whole log is read.
 */
final class Snapshots {
  /** Entries from one to the next: about a second of reading. */
  static final long EVERY = 1 << 16;

  private final LogStorage storage;

  Snapshots(LogStorage storage) {
    this.storage = storage;
  }

  void store(State state) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    out.writeBytes((state.tree().root().toBase64() + "\n").getBytes(StandardCharsets.US_ASCII));
    out.writeBytes(state.heads().encode());
    List<Long> before = sizes();
    storage.write(path(state.tree().size()), out.toByteArray());
    for (long size : before) {
      if (size < state.tree().size()) {
        storage.delete(path(size));
      }
    }
  }

  /**
   * The newest that fits the tiles, or {@code empty}. That it fits what is public shows when the
   * rest is read.
   */
  State newest(State empty) throws IOException {
    for (long size : sizes()) {
      try {
        byte[] bytes = storage.read(path(size));
        if (bytes == null) {
          continue;
        }
        String text = new String(bytes, StandardCharsets.US_ASCII);
        int line = text.indexOf('\n');
        Hash root = Hash.fromBase64(text.substring(0, Math.max(line, 0)));
        LogTree tree = LogTree.load(storage, size);
        if (tree.root().equals(root)) {
          return new State(null, tree, BootHeads.decode(text.substring(line + 1)));
        }
      } catch (MalformedException e) {
        // As if it were not there: reading more is all that it costs.
      }
    }
    return empty;
  }

  private List<Long> sizes() throws IOException {
    return storage.list(LogPaths.HEADS).stream()
        .filter(name -> name.matches("[1-9][0-9]{0,17}"))
        .map(Long::valueOf)
        .sorted(Comparator.reverseOrder())
        .toList();
  }

  private static String path(long size) {
    return LogPaths.HEADS + "/" + size;
  }
}

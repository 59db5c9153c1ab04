package dev.writ.audit.log;

import dev.writ.audit.merkle.EntryBundle;
import dev.writ.contract.MalformedException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;

/**
 * Entries that wait to become part of the log, under a name that no other writer uses. Tiles are
 * not staged: they follow from the entries.
 *
 * @param from size of the log that they come after
 */
record Stage(long from, List<byte[]> entries) {
  byte[] encode() {
    byte[] bundle = EntryBundle.encode(entries);
    return ByteBuffer.allocate(Long.BYTES + bundle.length).putLong(from).put(bundle).array();
  }

  static Stage decode(byte[] bytes) throws MalformedException {
    if (bytes.length < Long.BYTES) {
      throw new MalformedException("stage: cut off");
    }
    byte[] bundle = Arrays.copyOfRange(bytes, Long.BYTES, bytes.length);
    return new Stage(ByteBuffer.wrap(bytes).getLong(), EntryBundle.decode(bundle));
  }

  static String path(long from, String name) {
    return LogPaths.STAGE + "/" + from + "-" + name;
  }

  /** The size that a stage of that file name comes after; -1 when the name is none of ours. */
  static long from(String fileName) {
    int dash = fileName.indexOf('-');
    return dash > 0 && fileName.substring(0, dash).matches("[0-9]{1,18}")
        ? Long.parseLong(fileName.substring(0, dash))
        : -1;
  }
}

package dev.writ.sidecar.state;

import dev.writ.contract.MalformedException;
import dev.writ.contract.document.RevocationList;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import org.jspecify.annotations.Nullable;

/**
 * The order of revocation lists: what was revoked once never comes back by an older list, not even
 * after a restart. Keeps the newest list on disk; that list is only compared with, never enforced,
 * since it may be stale. Thread-safe. (protocol.md, section 1)
 */
public final class RevocationKeeper {
  private static final String FILE = "revocations.jws";

  private final Path file;
  private final Path draft;
  private @Nullable RevocationList newest;

  private RevocationKeeper(Path stateDir, @Nullable RevocationList newest) {
    this.file = stateDir.resolve(FILE);
    this.draft = stateDir.resolve(FILE + ".new");
    this.newest = newest;
  }

  /** What became of a list. */
  public enum Verdict {
    /** It is the newest now, on disk too. */
    TAKEN,
    /** A newer one is in force: an answer was overtaken by an event. */
    OVERTAKEN,
    /** It says something else under a number already seen, or comes from the future. */
    REFUSED
  }

  /**
   * Reads what an earlier start left.
   *
   * @throws IOException when the file is there but cannot be read or is damaged: taking it for
   *     absent would let an old list in
   */
  public static RevocationKeeper open(Path stateDir) throws IOException {
    Path file = stateDir.resolve(FILE);
    try {
      return new RevocationKeeper(
          stateDir, RevocationList.unverified(Files.readString(file, StandardCharsets.ISO_8859_1)));
    } catch (NoSuchFileException e) {
      return new RevocationKeeper(stateDir, null);
    } catch (MalformedException e) {
      throw new IOException(
          file
              + " is damaged: "
              + e.getMessage()
              + "; remove it only if nothing may have been revoked since",
          e);
    }
  }

  /**
   * Judges a list and remembers it before it is used.
   *
   * @param now epoch seconds
   */
  public synchronized Verdict offer(String jws, RevocationList list, long now) throws IOException {
    RevocationList before = newest;
    if (before != null && isOlder(list, before)) {
      return Verdict.OVERTAKEN;
    }
    if (!list.maySucceed(before, before == null ? -1 : before.seq(), now)) {
      return Verdict.REFUSED;
    }
    // A new signature under the same number changes nothing that a restart would have to know.
    if (before == null || list.seq() > before.seq()) {
      write(jws);
    }
    newest = list;
    return Verdict.TAKEN;
  }

  private static boolean isOlder(RevocationList list, RevocationList than) {
    return list.seq() < than.seq()
        || (list.seq() == than.seq() && list.sameContent(than) && list.iat() < than.iat());
  }

  private void write(String jws) throws IOException {
    Files.writeString(draft, jws, StandardCharsets.ISO_8859_1);
    try (FileChannel channel = FileChannel.open(draft, StandardOpenOption.WRITE)) {
      channel.force(true);
    }
    Files.move(draft, file, StandardCopyOption.ATOMIC_MOVE);
    // The new name must survive a power failure as well.
    try (FileChannel directory =
        FileChannel.open(file.toAbsolutePath().getParent(), StandardOpenOption.READ)) {
      directory.force(true);
    }
  }
}

package dev.writ.sidecar.spent;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The counters of this boot beside those that dead predecessors left, each under its own lock. What
 * a predecessor left is deleted only by {@link #settled}. Not thread-safe.
 */
public final class SpentDirectory implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(SpentDirectory.class);
  private static final Pattern NAME = Pattern.compile("([0-9a-f]{16})\\.(lock|spent)");
  private static final String LOCK = ".lock";
  private static final String COUNTERS = ".spent";

  private final Path directory;
  private final Origin origin;
  private final BootLock ownLock;
  private final SpentFile own;
  private final Map<String, BootLock> held;
  private final Map<String, Predecessor> predecessors;
  private final List<String> alive;

  private SpentDirectory(
      Path directory,
      Origin origin,
      BootLock ownLock,
      SpentFile own,
      Map<String, BootLock> held,
      Map<String, Predecessor> predecessors,
      List<String> alive) {
    this.directory = directory;
    this.origin = origin;
    this.ownLock = ownLock;
    this.own = own;
    this.held = held;
    this.predecessors = predecessors;
    this.alive = alive;
  }

  /**
   * Takes over what is there and begins the counters of this boot.
   *
   * @param directory made when missing
   * @param slots chains that this boot can count
   * @throws IOException when it cannot be read or written
   */
  public static SpentDirectory open(Path directory, Origin origin, int slots) throws IOException {
    Files.createDirectories(directory);
    Map<String, BootLock> held = new LinkedHashMap<>();
    Map<String, Predecessor> predecessors = new LinkedHashMap<>();
    List<String> alive = new ArrayList<>();
    for (String boot : boots(directory)) {
      BootLock lock = BootLock.tryTake(directory.resolve(boot + LOCK));
      if (lock == null) {
        // Not dead, so its counters may still rise: its pod's next start looks again.
        LOG.atError().addKeyValue("boot", boot).log("Found a former process that still runs");
        alive.add(boot);
        continue;
      }
      held.put(boot, lock);
      Predecessor found = read(directory, boot, origin);
      if (found != null) {
        predecessors.put(boot, found);
      }
    }
    // The lock comes first: counters without it would look like those of a dead process.
    BootLock ownLock = BootLock.tryTake(directory.resolve(origin.boot() + LOCK));
    if (ownLock == null) {
      throw new IOException("the lock of boot " + origin.boot() + " is held");
    }
    SpentFile own = SpentFile.create(directory.resolve(origin.boot() + COUNTERS), origin, slots);
    SpentDirectory opened =
        new SpentDirectory(directory, origin, ownLock, own, held, predecessors, alive);
    for (String boot : List.copyOf(held.keySet())) {
      if (!predecessors.containsKey(boot)) {
        opened.settled(boot);
      }
    }
    return opened;
  }

  private static List<String> boots(Path directory) throws IOException {
    TreeSet<String> boots = new TreeSet<>();
    try (DirectoryStream<Path> found = Files.newDirectoryStream(directory)) {
      for (Path path : found) {
        Matcher name = NAME.matcher(String.valueOf(path.getFileName()));
        if (name.matches()) {
          boots.add(name.group(1));
        } else if (path.toString().endsWith(COUNTERS + ".new")) {
          Files.deleteIfExists(path);
        }
      }
    }
    return new ArrayList<>(boots);
  }

  /** Null when it counted nothing: it died before it had a file, or was settled before. */
  private static @Nullable Predecessor read(Path directory, String boot, Origin now) {
    Path file = directory.resolve(boot + COUNTERS);
    if (Files.notExists(file)) {
      return null;
    }
    try {
      SpentFile.Content content = SpentFile.read(file);
      if (!content.origin().boot().equals(boot)) {
        return new Predecessor.Lost(boot, "it is the file of another boot");
      }
      return now.believes(content.origin())
          ? new Predecessor.Counted(boot, content.spent())
          : new Predecessor.Lost(boot, "it is of another pod, or from before a reboot");
    } catch (IOException e) {
      return new Predecessor.Lost(boot, String.valueOf(e.getMessage()));
    }
  }

  /** The counters of this boot. */
  SpentFile own() {
    return own;
  }

  /** Boots whose lock is not free: nothing can be said of them. */
  List<String> alive() {
    return List.copyOf(alive);
  }

  /**
   * What this boot counted cannot be believed any more, as after the clock jumped: the next boot
   * finds no counters, so the ledger counts all it was granted as used.
   */
  void lose() {
    try {
      Files.deleteIfExists(directory.resolve(origin.boot() + COUNTERS));
    } catch (IOException e) {
      LOG.atError().addKeyValue("cause", e.toString()).log("Couldn't give up the counters");
    }
  }

  /** Dead boots that wait to be settled. */
  public List<Predecessor> predecessors() {
    return List.copyOf(predecessors.values());
  }

  /** The ledger confirmed that the boot is closed: what it left is deleted. */
  public void settled(String boot) {
    predecessors.remove(boot);
    try (BootLock lock = held.remove(boot)) {
      if (lock != null) {
        // Counters first: a lock without counters says that there is nothing to settle.
        Files.deleteIfExists(directory.resolve(boot + COUNTERS));
        Files.deleteIfExists(directory.resolve(boot + LOCK));
      }
    } catch (IOException e) {
      // It is read again at the next start, and settling twice changes nothing.
      LOG.atWarn()
          .addKeyValue("boot", boot)
          .addKeyValue("cause", e.toString())
          .log("Couldn't delete the counters of a settled boot");
    }
  }

  /** The ledger confirmed that this boot is closed: nothing is left for the next to settle. */
  public void settledSelf() {
    try {
      Files.deleteIfExists(directory.resolve(origin.boot() + COUNTERS));
      Files.deleteIfExists(directory.resolve(origin.boot() + LOCK));
    } catch (IOException e) {
      LOG.atWarn().addKeyValue("cause", e.toString()).log("Couldn't delete the counters");
    }
  }

  /** Unmaps the counters and gives up all locks. */
  @Override
  public void close() throws IOException {
    own.close();
    for (BootLock lock : held.values()) {
      lock.close();
    }
    ownLock.close();
  }
}

package dev.writ.operator.records;

import dev.writ.audit.AuditRecord;
import dev.writ.audit.BrokenChainException;
import dev.writ.audit.ChainCheck;
import dev.writ.audit.Entry;
import dev.writ.contract.MalformedException;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * One file per boot, {@code records/<pod UID>/<boot>.jsonl}, each line as it was sent. A line is
 * stored once its line feed is on the disk; what a crash left after the last line feed is cut off
 * before anything is appended.
 */
public final class FileRecordLog implements RecordLog, AutoCloseable {
  private static final String SUFFIX = ".jsonl";
  private static final int OPEN_BOOTS = 4096;
  private static final int STRIPES = 64;

  private final Path root;
  private final Listener listener;
  private final FileChannel lockFile;
  private final FileLock lock;
  private final Map<String, String> podOfBoot = new ConcurrentHashMap<>();
  private final Object[] stripes = new Object[STRIPES];

  /** Chains at their ends; one that was dropped is read from its file again. */
  private final Map<String, ChainCheck> open =
      new LinkedHashMap<>(16, 0.75f, true) {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<String, ChainCheck> eldest) {
          return size() > OPEN_BOOTS;
        }
      };

  /** Hears of each record once it is stored, and at start of all that were. */
  @FunctionalInterface
  public interface Listener {
    /** Called under the lock of the record's boot; must be quick. */
    void stored(String podUid, AuditRecord entry);
  }

  private FileRecordLog(Path root, Listener listener, FileChannel lockFile, FileLock lock) {
    this.root = root;
    this.listener = listener;
    this.lockFile = lockFile;
    this.lock = lock;
    for (int i = 0; i < STRIPES; i++) {
      stripes[i] = new Object();
    }
  }

  /**
   * Opens the directory, making it if need be, and tells the listener all it holds, one line at a
   * time.
   *
   * @throws IOException if it can't be written, or another process has it open
   */
  public static FileRecordLog open(Path dataDir, Listener listener) throws IOException {
    Path root = dataDir.resolve("records");
    Files.createDirectories(root);
    FileChannel lockFile =
        FileChannel.open(
            dataDir.resolve("records.lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
    FileLock lock = lock(lockFile, dataDir);
    FileRecordLog log = new FileRecordLog(root, listener, lockFile, lock);
    log.replay();
    return log;
  }

  private static FileLock lock(FileChannel file, Path dataDir) throws IOException {
    try {
      FileLock lock = file.tryLock();
      if (lock != null) {
        return lock;
      }
    } catch (OverlappingFileLockException e) {
      // The same as null: held, and by this very process.
    }
    file.close();
    throw new IOException("couldn't lock " + dataDir + ": another operator uses it");
  }

  @Override
  public Outcome append(Sender pod, String boot, List<String> lines) throws IOException {
    if (!pod.uid().equals(podOfBoot.getOrDefault(boot, pod.uid()))) {
      return new Outcome.Foreign();
    }
    synchronized (stripe(boot)) {
      Path file = root.resolve(pod.uid()).resolve(boot + SUFFIX);
      ChainCheck chain = chain(boot, file);
      Batch batch = Batch.of(pod, chain, lines);
      if (!batch.fresh().isEmpty()) {
        try {
          write(file, batch.text());
        } catch (IOException e) {
          // The chain ran ahead of the file; the next batch starts from what the file really holds.
          forget(boot);
          throw e;
        }
        podOfBoot.putIfAbsent(boot, pod.uid());
        batch.fresh().forEach(record -> listener.stored(pod.uid(), record));
      }
      return batch.why() == null
          ? new Outcome.Stored(chain.lastSeq())
          : new Outcome.Broken(chain.lastSeq(), batch.why());
    }
  }

  private ChainCheck chain(String boot, Path file) throws IOException {
    synchronized (open) {
      ChainCheck known = open.get(boot);
      if (known != null) {
        return known;
      }
    }
    ChainCheck chain = new ChainCheck(boot);
    if (Files.exists(file)) {
      read(file, line -> chain.accept(line));
    }
    synchronized (open) {
      open.put(boot, chain);
    }
    return chain;
  }

  private void forget(String boot) {
    synchronized (open) {
      open.remove(boot);
    }
  }

  private static void write(Path file, String text) throws IOException {
    boolean created = !Files.exists(file);
    if (created) {
      Files.createDirectories(Objects.requireNonNull(file.getParent()));
    }
    try (FileChannel channel =
        FileChannel.open(
            file, StandardOpenOption.CREATE, StandardOpenOption.WRITE, StandardOpenOption.APPEND)) {
      ByteBuffer bytes = ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8));
      while (bytes.hasRemaining()) {
        channel.write(bytes);
      }
      channel.force(false);
    }
    if (created) {
      // Without these a power cut could take the file's name although its content was written.
      syncDirectory(file.getParent());
      syncDirectory(Objects.requireNonNull(file.getParent()).getParent());
    }
  }

  private static void syncDirectory(@Nullable Path directory) throws IOException {
    if (directory != null) {
      try (FileChannel channel = FileChannel.open(directory, StandardOpenOption.READ)) {
        channel.force(true);
      }
    }
  }

  private interface Line {
    void accept(String line) throws BrokenChainException;
  }

  /** Cuts a torn tail, then reads line by line. */
  private static void read(Path file, Line each) throws IOException {
    cutTail(file);
    try (BufferedReader reader = Files.newBufferedReader(file)) {
      for (String line = reader.readLine(); line != null; line = reader.readLine()) {
        each.accept(line);
      }
    } catch (BrokenChainException e) {
      throw new IOException("couldn't read " + file + ": " + e.getMessage(), e);
    }
  }

  private static void cutTail(Path file) throws IOException {
    try (RandomAccessFile access = new RandomAccessFile(file.toFile(), "rw")) {
      long end = access.length();
      while (end > 0) {
        access.seek(end - 1);
        if (access.read() == '\n') {
          break;
        }
        end--;
      }
      if (end < access.length()) {
        access.setLength(end);
        access.getFD().sync();
      }
    }
  }

  private void replay() throws IOException {
    try (Stream<Path> pods = Files.list(root)) {
      for (Path pod : pods.sorted().toList()) {
        try (Stream<Path> files = Files.list(pod)) {
          for (Path file : files.sorted().toList()) {
            replay(String.valueOf(pod.getFileName()), file);
          }
        }
      }
    }
  }

  private void replay(String podUid, Path file) throws IOException {
    String name = String.valueOf(file.getFileName());
    String boot = name.substring(0, name.length() - Math.min(name.length(), SUFFIX.length()));
    if (!name.endsWith(SUFFIX) || podOfBoot.putIfAbsent(boot, podUid) != null) {
      throw new IOException(
          file + " is not a file of records, or its boot is there twice: move it away");
    }
    ChainCheck chain = new ChainCheck(boot);
    read(file, line -> listener.stored(podUid, chain.accept(line)));
  }

  private Object stripe(String boot) {
    return stripes[Math.floorMod(boot.hashCode(), STRIPES)];
  }

  @Override
  public void close() throws IOException {
    lock.release();
    lockFile.close();
  }

  /**
   * The part of a batch that goes on where the chain stopped.
   *
   * @param why what is wrong with the first line after it, null when there is none
   */
  private record Batch(List<AuditRecord> fresh, String text, @Nullable String why) {
    static Batch of(Sender pod, ChainCheck chain, List<String> lines) {
      List<AuditRecord> fresh = new ArrayList<>();
      StringBuilder text = new StringBuilder();
      for (String line : lines) {
        try {
          AuditRecord sent = AuditRecord.parse(line);
          if (sent.boot().equals(chain.boot()) && sent.seq() <= chain.lastSeq()) {
            continue;
          }
          String foreign = foreign(pod, sent.entry());
          if (foreign != null) {
            return new Batch(fresh, text.toString(), foreign);
          }
          fresh.add(chain.accept(line));
          text.append(line).append('\n');
        } catch (BrokenChainException | MalformedException e) {
          return new Batch(fresh, text.toString(), e.getMessage());
        }
      }
      return new Batch(fresh, text.toString(), null);
    }

    /** A pod speaks for itself alone. */
    private static @Nullable String foreign(Sender pod, Entry entry) {
      if (!entry.pod().equals(pod.namespacedName())) {
        return "a record of pod " + entry.pod() + " sent by " + pod.namespacedName();
      }
      return entry instanceof Entry.Start start
              && start.uid() != null
              && !start.uid().equals(pod.uid())
          ? "a start of another pod UID"
          : null;
    }
  }
}

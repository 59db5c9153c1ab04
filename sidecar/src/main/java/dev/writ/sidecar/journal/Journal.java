package dev.writ.sidecar.journal;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.writ.audit.Entry;
import dev.writ.audit.RecordChain;
import dev.writ.audit.RecordChain.Sealed;
import dev.writ.sidecar.journal.BootFiles.Stretch;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The records of this boot, appended before what they record happens, beside those that
 * predecessors left. A record that was appended has reached the operating system: the death of the
 * process loses none. Thread-safe; one short lock. (audit.md, Record)
 */
public final class Journal implements Backlog, AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Journal.class);

  private final AppendFile.Maker maker;
  private final Retention retention;
  private final List<BootFiles> predecessors;
  private final BootFiles own;
  private final RecordChain chain;
  private final List<Runnable> wakes = new CopyOnWriteArrayList<>();
  private final Waiting waiting = new Waiting();
  private @Nullable AppendFile current;
  private long bytes;
  private long dropped;
  private boolean torn;
  private boolean failing;
  private boolean closed;

  private Journal(
      AppendFile.Maker maker, Retention retention, List<BootFiles> predecessors, BootFiles own) {
    this.maker = maker;
    this.retention = retention;
    this.predecessors = predecessors;
    this.own = own;
    this.chain = new RecordChain(own.boot());
    this.bytes = predecessors.stream().mapToLong(BootFiles::bytes).sum();
  }

  /**
   * Opens the journals under a directory and begins one for this boot.
   *
   * @param directory made when missing; the caller holds the state directory's lock
   * @param boot 16 hex digits, new at each start
   * @throws IOException when the directory cannot be read or written
   */
  public static Journal open(Path directory, String boot, Retention retention) throws IOException {
    return open(directory, boot, retention, AppendFile::onDisk);
  }

  static Journal open(Path directory, String boot, Retention retention, AppendFile.Maker maker)
      throws IOException {
    Files.createDirectories(directory);
    List<BootFiles> predecessors = new ArrayList<>();
    try (DirectoryStream<Path> found = Files.newDirectoryStream(directory)) {
      for (Path path : found) {
        BootFiles files = BootFiles.reopen(path);
        if (files != null) {
          predecessors.add(files);
        }
      }
    }
    predecessors.sort(Comparator.comparingLong(BootFiles::ordinal));
    long ordinal = predecessors.isEmpty() ? 1 : predecessors.getLast().ordinal() + 1;
    return new Journal(maker, retention, predecessors, BootFiles.create(directory, ordinal, boot));
  }

  /** The boot before this one, null when the directory is new. */
  public synchronized @Nullable String previousBoot() {
    return predecessors.isEmpty() ? null : predecessors.getLast().boot();
  }

  /** Last sequence number of {@link #previousBoot}, 0 when there is none. */
  public synchronized long previousSeq() {
    return predecessors.isEmpty() ? 0 : predecessors.getLast().lastSeq();
  }

  /**
   * Appends a record.
   *
   * @return the record in its place, written
   * @throws AuditUnavailableException when it was not: the bound is reached, or the disk refuses;
   *     nothing of it remains
   */
  public Sealed append(Entry entry) throws AuditUnavailableException {
    Sealed sealed = appendLocked(entry);
    wakes.forEach(Runnable::run);
    return sealed;
  }

  private synchronized Sealed appendLocked(Entry entry) throws AuditUnavailableException {
    Sealed sealed = chain.seal(entry);
    byte[] line = (sealed.line() + "\n").getBytes(UTF_8);
    try {
      if (closed) {
        throw new AuditUnavailableException("couldn't append a record: the journal is closed");
      }
      makeRoom(line.length);
      write(segment(), line);
    } catch (IOException e) {
      AuditUnavailableException unavailable =
          new AuditUnavailableException("couldn't append a record: " + e.getMessage(), e);
      failed(unavailable);
      throw unavailable;
    } catch (AuditUnavailableException e) {
      failed(e);
      throw e;
    }
    chain.stored(sealed);
    own.grew(sealed.seq(), line.length);
    bytes += line.length;
    recovered();
    return sealed;
  }

  private void makeRoom(int length) throws AuditUnavailableException, IOException {
    while (bytes + length > retention.bytes()) {
      BootFiles oldest = predecessors.isEmpty() ? own : predecessors.getFirst();
      if (retention.whenFull() == Retention.WhenFull.DENY
          || (oldest == own && own.segmentCount() < 2)) {
        throw new AuditUnavailableException(
            "couldn't append a record: "
                + bytes
                + " bytes wait to be acknowledged, the bound is "
                + retention.bytes());
      }
      long last = oldest.acknowledged();
      bytes -= oldest.dropOldest();
      dropped += oldest.acknowledged() - last;
      LOG.atWarn()
          .addKeyValue("boot", oldest.boot())
          .addKeyValue("lastSeq", oldest.acknowledged())
          .log("Dropped the oldest journal segment: the bound is reached");
      if (oldest != own && oldest.segmentCount() == 0) {
        oldest.delete();
        predecessors.removeFirst();
      }
    }
  }

  private AppendFile segment() throws IOException {
    AppendFile file = current;
    if (file != null && own.lastSegmentBytes() < retention.segmentBytes()) {
      return file;
    }
    long first = chain.lastSeq() + 1;
    Path path = own.segmentPath(first);
    // A file that could be made but not written to stays empty and is taken again.
    Files.deleteIfExists(path);
    AppendFile next = maker.create(path);
    if (file != null) {
      file.close();
    }
    own.began(path, first);
    current = next;
    torn = false;
    return next;
  }

  private void write(AppendFile file, byte[] line) throws IOException {
    long end = own.lastSegmentBytes();
    if (torn) {
      file.truncate(end);
      torn = false;
    }
    try {
      file.write(ByteBuffer.wrap(line));
    } catch (IOException e) {
      // Part of the line may be there. It is cut off before anything else is written, now or at the
      // next append.
      torn = true;
      throw e;
    }
  }

  private void failed(AuditUnavailableException e) {
    if (!failing) {
      LOG.atError()
          .addKeyValue("cause", e.getMessage())
          .log("Couldn't journal a record, denying calls until it works again");
    }
    failing = true;
  }

  private void recovered() {
    if (failing) {
      LOG.atInfo().log("Journalling works again");
    }
    failing = false;
  }

  @Override
  public synchronized List<String> boots() {
    List<String> boots = new ArrayList<>(predecessors.stream().map(BootFiles::boot).toList());
    boots.add(own.boot());
    return boots;
  }

  @Override
  public List<String> pending(String boot, long after, int maxBytes) throws IOException {
    BootFiles files;
    Stretch stretch;
    synchronized (this) {
      files = find(boot);
      stretch = files == null ? null : files.stretch(after);
    }
    if (files == null || stretch == null) {
      return List.of();
    }
    List<String> lines = new ArrayList<>();
    try (LineReader reader = new LineReader(stretch)) {
      long left = maxBytes;
      long end = reader.offset();
      for (byte @Nullable [] line = reader.next(); line != null; line = reader.next()) {
        left -= line.length + 1;
        if (left < 0 && !lines.isEmpty()) {
          break;
        }
        lines.add(new String(line, UTF_8));
        end = reader.offset();
      }
      synchronized (this) {
        files.resumeAt(new Stretch(stretch.path(), after + lines.size(), end, 0, end));
      }
    }
    return lines;
  }

  @Override
  public synchronized long acknowledged(String boot) {
    BootFiles files = find(boot);
    return files == null ? 0 : files.acknowledged();
  }

  @Override
  public void acknowledge(String boot, long seq) throws IOException {
    try {
      remove(boot, seq);
    } finally {
      // What the log has it has, whether or not the files could be removed.
      reached(boot, seq).forEach(Runnable::run);
    }
  }

  private synchronized List<Runnable> reached(String boot, long seq) {
    return boot.equals(own.boot()) ? waiting.upTo(seq) : List.of();
  }

  /**
   * Runs once the log has the record of this boot with that number, on the thread that heard of it;
   * it must be short and not block. Never runs when nothing is acknowledged any more.
   */
  public void whenStored(long seq, Runnable stored) {
    synchronized (this) {
      if (own.acknowledged() < seq) {
        waiting.add(seq, stored);
        return;
      }
    }
    stored.run();
  }

  @Override
  public synchronized boolean isAwaited() {
    return !waiting.isEmpty();
  }

  private synchronized void remove(String boot, long seq) throws IOException {
    BootFiles files = find(boot);
    if (files == null) {
      return;
    }
    bytes -= files.acknowledge(seq);
    if (files != own && files.acknowledged() >= files.lastSeq()) {
      bytes -= files.delete();
      predecessors.remove(files);
    }
  }

  private @Nullable BootFiles find(String boot) {
    if (boot.equals(own.boot())) {
      return own;
    }
    return predecessors.stream()
        .filter(files -> files.boot().equals(boot))
        .findFirst()
        .orElse(null);
  }

  @Override
  public void onAppend(Runnable wake) {
    wakes.add(wake);
  }

  /** Bytes on disk, over all boots. */
  public synchronized long bytes() {
    return bytes;
  }

  /** Bytes that may be on disk, over all boots. */
  public long bound() {
    return retention.bytes();
  }

  /** Records dropped at the bound since start; they were never acknowledged. */
  public synchronized long dropped() {
    return dropped;
  }

  /** Whether the last append worked. */
  public synchronized boolean healthy() {
    return !failing;
  }

  /** Ends appending; what is on disk can still be shipped. */
  @Override
  public synchronized void close() throws IOException {
    closed = true;
    if (current != null) {
      current.close();
    }
  }
}

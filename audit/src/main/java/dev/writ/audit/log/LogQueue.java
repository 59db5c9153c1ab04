package dev.writ.audit.log;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Lets many gates append at once: whoever's turn it is appends all that waits, so that one round of
 * writes serves them all. Thread-safe; callers block for as long as storing takes.
 */
public final class LogQueue {
  private final LogWriter writer;
  private final Consumer<List<Outcome>> appended;
  private final ReentrantLock turn = new ReentrantLock(true);
  private final ConcurrentLinkedQueue<Waiting> queue = new ConcurrentLinkedQueue<>();

  public LogQueue(LogWriter writer) {
    this(writer, outcomes -> {});
  }

  /**
   * A queue whose listener hears what became of all batches of a turn, in the order of the log,
   * before any of their callers does.
   *
   * @param appended must not throw
   */
  public LogQueue(LogWriter writer, Consumer<List<Outcome>> appended) {
    this.writer = writer;
    this.appended = appended;
  }

  /** One caller's batch; written under {@link #turn}. */
  private static final class Waiting {
    final Batch batch;
    @Nullable Outcome outcome;
    @Nullable Exception failure;

    Waiting(Batch batch) {
      this.batch = batch;
    }
  }

  /**
   * Appends a batch; as {@link LogWriter#append}.
   *
   * @throws IOException when storing failed; the same exception may reach several callers
   */
  public Outcome append(Batch batch) throws IOException {
    Waiting mine = new Waiting(batch);
    queue.add(mine);
    turn.lock();
    try {
      if (mine.outcome == null && mine.failure == null) {
        appendAll();
      }
      if (mine.outcome == null) {
        throw new IOException("couldn't append to the log: " + mine.failure, mine.failure);
      }
      return mine.outcome;
    } finally {
      turn.unlock();
    }
  }

  private void appendAll() {
    List<Waiting> all = new ArrayList<>();
    for (Waiting next = queue.poll(); next != null; next = queue.poll()) {
      all.add(next);
    }
    try {
      List<Outcome> outcomes = writer.append(all.stream().map(waiting -> waiting.batch).toList());
      appended.accept(outcomes);
      for (int i = 0; i < all.size(); i++) {
        all.get(i).outcome = outcomes.get(i);
      }
    } catch (IOException | RuntimeException e) {
      all.forEach(waiting -> waiting.failure = e);
    }
  }
}

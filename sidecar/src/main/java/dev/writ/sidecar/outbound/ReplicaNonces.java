package dev.writ.sidecar.outbound;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Deque;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The nonces for one boot of one replica, drawn by all connections to it. Follows the client's
 * rules of protocol.md, section 3, so that an honest caller never falls out of a window that the
 * replica keeps. Thread-safe; the lock is held for a few instructions. Without a clock: {@code now}
 * is in monotonic milliseconds.
 */
final class ReplicaNonces {
  /** Highest seq of a challenge. */
  static final int LAST_SEQ = 4_096;

  /** From this seq on the replica's replies carry the next challenge. */
  static final int RENEW_FROM_SEQ = 3_584;

  /** A seq is not sent before the seq this far below it was answered. */
  static final int WINDOW = 1_024;

  /** Challenges, in the order of use, from the oldest with an open reply to the newest used. */
  static final int MAX_SPAN = 16;

  private static final long RENEW_AFTER_MS = 480_000;
  private static final long DEAD_AFTER_MS = 600_000;

  /**
   * Half a minute before the replica counts it as too old: the call has to get there, and its age
   * began before we received it.
   */
  private static final long LAST_USE_MS = 570_000;

  /** In the order of use; the last one is the current one. */
  private final Deque<Series> used = new ArrayDeque<>();

  private List<Runnable> waiting = new ArrayList<>();
  private long lastTaken = Long.MIN_VALUE;

  /** Connections that were idle then are not used any more. */
  private volatile long movedOn = Long.MIN_VALUE;

  /** What a caller gets that asks for a nonce. */
  sealed interface Take {}

  /**
   * One nonce, for one call. {@link #answered} must be called for it, whatever becomes of the call.
   *
   * @param value goes into the {@code nonce} parameter
   * @param challenge the challenge it was made from
   */
  record Nonce(String value, Challenge challenge, int seq) implements Take {}

  /** Ask the replica for a challenge, {@link #offer} it, and take again. */
  record Ask() implements Take {}

  /** Too much is unanswered; {@code wake} runs when that may have changed. */
  record Wait() implements Take {}

  /**
   * Draws a nonce. {@code wake} is kept only with {@link Wait}, runs once, on any thread, and must
   * be short.
   */
  synchronized Take take(long now, Runnable wake) {
    lastTaken = now;
    Series current = used.peekLast();
    if (current != null && current.canDraw(now)) {
      return current.draw();
    }
    if (hasRoom(now)) {
      return new Ask();
    }
    waiting.add(wake);
    return new Wait();
  }

  /**
   * The head of the reply is here, or it is certain that none will come: the replica has done with
   * the seq. A second time changes nothing.
   */
  void answered(Nonce nonce) {
    List<Runnable> woken;
    synchronized (this) {
      Series series = find(nonce.challenge);
      if (series == null || !series.close(nonce.seq)) {
        return;
      }
      woken = waiting;
      waiting = new ArrayList<>();
    }
    woken.forEach(Runnable::run);
  }

  /**
   * A challenge that this replica sent, with a reply or because it was asked. Taken into use only
   * when the current one wears out: each used challenge costs the replica a window.
   */
  synchronized void offer(Challenge fresh, long now) {
    Series current = used.peekLast();
    if (current != null && !current.isWorn(now)) {
      return;
    }
    // A reply that comes late carries a challenge older than the one in use: the replica would drop
    // it first.
    if (current != null && !current.dead && fresh.issued() <= current.challenge.issued()) {
      return;
    }
    if (hasRoom(now)) {
      used.addLast(new Series(fresh, now));
    }
  }

  /**
   * The replica refused the nonce with {@code use-nonce}: its challenge counts no longer. The fresh
   * one that came with the refusal is offered to the boot that made it, which may be another.
   */
  synchronized void refused(Nonce nonce) {
    Series series = find(nonce.challenge);
    if (series != null) {
      series.dead = true;
    }
  }

  /**
   * The replica ended a connection with its answer: it may be leaving, and what else is open to it
   * and idle now would meet its end.
   */
  void moveOn(long now) {
    movedOn = now;
  }

  /**
   * Whether a connection may be used of which the last call went out then. The answers to those
   * that were on their way may have been written before the replica knew that it leaves, and read
   * after the one that says so.
   */
  boolean keeps(long calledAt) {
    return calledAt > movedOn;
  }

  /**
   * Whether nothing has been taken for longer than a challenge lives: forgetting it all costs
   * nothing.
   */
  synchronized boolean isIdle(long now) {
    return now - lastTaken > DEAD_AFTER_MS;
  }

  /**
   * Room for one challenge more. Those before the oldest open reply are done with; so are those
   * that the replica refuses by age.
   */
  private boolean hasRoom(long now) {
    while (!used.isEmpty() && used.size() > 1 && used.peekFirst().isDone(now)) {
      used.removeFirst();
    }
    int kept = used.size() == 1 && used.peekFirst().isDone(now) ? 0 : used.size();
    return kept < MAX_SPAN;
  }

  private @Nullable Series find(Challenge challenge) {
    for (Series series : used) {
      if (series.challenge.text().equals(challenge.text())) {
        return series;
      }
    }
    return null;
  }

  /** One challenge and its seqs. */
  private static final class Series {
    private final Challenge challenge;
    private final long since;
    private final BitSet answered = new BitSet();
    private int drawn;
    private int closed;

    /** Every seq below it is answered. */
    private int lowestOpen = 1;

    private boolean dead;

    Series(Challenge challenge, long since) {
      this.challenge = challenge;
      this.since = since;
    }

    boolean canDraw(long now) {
      return !dead && drawn < LAST_SEQ && now - since < LAST_USE_MS && !isBlocked();
    }

    /** The next seq is a window away from one that is not answered. */
    private boolean isBlocked() {
      return drawn + 1 - WINDOW >= lowestOpen;
    }

    boolean isWorn(long now) {
      return dead || drawn >= RENEW_FROM_SEQ || now - since > RENEW_AFTER_MS || isBlocked();
    }

    boolean isDone(long now) {
      return closed == drawn || now - since > DEAD_AFTER_MS;
    }

    Nonce draw() {
      drawn++;
      return new Nonce(challenge.text() + "." + drawn, challenge, drawn);
    }

    boolean close(int seq) {
      if (answered.get(seq)) {
        return false;
      }
      answered.set(seq);
      closed++;
      lowestOpen = answered.nextClearBit(lowestOpen);
      return true;
    }
  }
}

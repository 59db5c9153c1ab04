package dev.writ.sidecar.control;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/** Wakes one waiting thread; a call that comes before the wait is not lost. Thread-safe. */
final class Signal {
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private boolean raised;

  /** Ends the current wait, or the next. */
  void raise() {
    lock.lock();
    try {
      raised = true;
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /** Waits until raised, at most so long, and lowers it. */
  void await(long millis) throws InterruptedException {
    lock.lock();
    try {
      long left = TimeUnit.MILLISECONDS.toNanos(millis);
      while (!raised && left > 0) {
        left = changed.awaitNanos(left);
      }
      raised = false;
    } finally {
      lock.unlock();
    }
  }
}

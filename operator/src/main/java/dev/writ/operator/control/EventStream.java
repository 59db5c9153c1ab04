package dev.writ.operator.control;

import dev.writ.contract.Names;
import dev.writ.contract.json.JsonWriter;
import dev.writ.operator.revoke.SignedList;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * What one connected sidecar has yet to hear. Holds the newest of each kind, not a queue: a slow
 * reader misses steps between, never the last one, and costs no memory.
 */
final class EventStream {
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition news = lock.newCondition();
  private @Nullable SignedList list;
  private final Set<String> recalled = new TreeSet<>();
  private long refresh;
  private boolean closed;

  void offer(SignedList next) {
    lock.lock();
    try {
      if (list == null || next.epoch() > list.epoch()) {
        list = next;
      }
      news.signal();
    } finally {
      lock.unlock();
    }
  }

  /** The sidecar has to enrol again for a change of this epoch. */
  void refresh(long epoch) {
    lock.lock();
    try {
      refresh = Math.max(refresh, epoch);
      news.signal();
    } finally {
      lock.unlock();
    }
  }

  /** The sidecar has to give back what it has not spent under the capability. */
  void recall(String cid) {
    lock.lock();
    try {
      recalled.add(cid);
      news.signal();
    } finally {
      lock.unlock();
    }
  }

  void close() {
    lock.lock();
    try {
      closed = true;
      news.signal();
    } finally {
      lock.unlock();
    }
  }

  /** The next lines to send, a comment when nothing happened for that long, null at the end. */
  @Nullable String next(long millis) throws InterruptedException {
    lock.lock();
    try {
      long left = TimeUnit.MILLISECONDS.toNanos(millis);
      while (list == null && refresh == 0 && recalled.isEmpty() && !closed && left > 0) {
        left = news.awaitNanos(left);
      }
      if (closed) {
        return null;
      }
      StringBuilder lines = new StringBuilder();
      if (refresh != 0) {
        lines.append(
            event(
                Names.EVENT_REFRESH,
                new JsonWriter().beginObject().member("epoch", refresh).endObject()));
        refresh = 0;
      }
      for (String cid : recalled) {
        lines.append(
            event(
                Names.EVENT_RECALL, new JsonWriter().beginObject().member("cid", cid).endObject()));
      }
      recalled.clear();
      SignedList due = list;
      if (due != null) {
        JsonWriter data =
            new JsonWriter()
                .beginObject()
                .member("epoch", due.epoch())
                .member("list", due.jws())
                .endObject();
        lines.append(event(Names.EVENT_REVOCATIONS, data));
        list = null;
      }
      return lines.isEmpty() ? ": still here\n\n" : lines.toString();
    } finally {
      lock.unlock();
    }
  }

  private static String event(String name, JsonWriter data) {
    return "event: " + name + "\ndata: " + data + "\n\n";
  }
}

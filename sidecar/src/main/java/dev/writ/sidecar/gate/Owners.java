package dev.writ.sidecar.gate;

import dev.writ.contract.Base64Url;
import dev.writ.contract.Digests;
import dev.writ.contract.grant.Ownership;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Who was given which MCP session and which A2A task: the subject of the call that began it. Lives
 * as long as the state directory; bounded: what was begun long ago is nobody's, and so is what
 * another replica saw begin. Thread-safe. (actions.md, tasks)
 */
final class Owners {
  private static final Logger LOG = LoggerFactory.getLogger(Owners.class);
  private static final int LIMIT = 16_384;

  /** A full disk is not written to with every call. */
  private static final long AGAIN_NANOS = Duration.ofMinutes(1).toNanos();

  private final OwnerFile file;
  private final int limit;
  private final LongSupplier nanos;

  /** Whether some that are known are not in the file, and when that was seen. */
  private boolean behind;

  private long failedAt;
  private final Map<String, String> subjects =
      new LinkedHashMap<>(16, 0.75f, true) {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<String, String> eldest) {
          return size() > limit;
        }
      };

  private Owners(Path directory, int limit, LongSupplier nanos) throws IOException {
    this.limit = limit;
    this.nanos = nanos;
    this.file = OwnerFile.open(directory, subjects::put);
    file.replace(subjects);
  }

  /**
   * With what an earlier start left in the state directory.
   *
   * @param nanos a clock that only goes forward
   */
  static Owners open(Path directory, LongSupplier nanos) throws IOException {
    return open(directory, LIMIT, nanos);
  }

  /**
   * The same, with another bound.
   *
   * @param limit most sessions and tasks
   */
  static Owners open(Path directory, int limit, LongSupplier nanos) throws IOException {
    return new Owners(directory, limit, nanos);
  }

  /** What is asked on behalf of one subject at one service. */
  Ownership of(String service, String subject) {
    return new Ownership() {
      @Override
      public boolean ownsTask(String id) {
        return owns(key("task", service, id), subject);
      }

      @Override
      public boolean ownsSession(String id) {
        return owns(key("session", service, id), subject);
      }
    };
  }

  /** Remembers a task; one that is known stays with whom it belongs to. */
  void beganTask(String service, String subject, String id) {
    begin(key("task", service, id), subject);
  }

  /** Remembers a session; one that is known stays with whom it belongs to. */
  void beganSession(String service, String subject, String id) {
    begin(key("session", service, id), subject);
  }

  private synchronized boolean owns(String key, String subject) {
    return digest(subject).equals(subjects.get(key));
  }

  private synchronized void begin(String key, String subject) {
    if (subjects.get(key) != null) {
      return;
    }
    String owner = digest(subject);
    subjects.put(key, owner);
    if (behind && nanos.getAsLong() - failedAt < AGAIN_NANOS) {
      return;
    }
    try {
      if (!behind && file.lines() < limit) {
        file.add(key, owner);
      } else {
        // After a failure with all that the file misses.
        file.replace(subjects);
        behind = false;
      }
    } catch (IOException e) {
      behind = true;
      failedAt = nanos.getAsLong();
      LOG.atWarn()
          .addKeyValue("cause", e.getMessage())
          .log("Couldn't write down owners: after a restart they will be nobody's; tried again");
    }
  }

  /** Of one length, however long an app makes its ids. */
  private static String key(String kind, String service, String id) {
    return digest(kind + "\n" + service + "\n" + id);
  }

  private static String digest(String text) {
    return Base64Url.encode(Digests.sha256(text.getBytes(StandardCharsets.UTF_8)));
  }
}

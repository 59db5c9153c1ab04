package dev.writ.sidecar.gate;

import dev.writ.contract.Base64Url;
import dev.writ.contract.Digests;
import dev.writ.contract.grant.Ownership;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
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

  private final OwnerFile file;
  private final int limit;
  private final Map<String, String> subjects =
      new LinkedHashMap<>(16, 0.75f, true) {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<String, String> eldest) {
          return size() > limit;
        }
      };

  private Owners(Path directory, int limit) throws IOException {
    this.limit = limit;
    this.file = OwnerFile.open(directory, subjects::put);
    file.replace(subjects);
  }

  /** With what an earlier start left in the state directory. */
  static Owners open(Path directory) throws IOException {
    return open(directory, LIMIT);
  }

  /**
   * The same, with another bound.
   *
   * @param limit most sessions and tasks
   */
  static Owners open(Path directory, int limit) throws IOException {
    return new Owners(directory, limit);
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
    try {
      if (file.lines() < limit) {
        file.add(key, owner);
      } else {
        file.replace(subjects);
      }
    } catch (IOException e) {
      LOG.atWarn()
          .addKeyValue("cause", e.getMessage())
          .log("Couldn't write down an owner: after a restart it will be nobody's");
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

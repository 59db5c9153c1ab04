package dev.writ.sidecar.gate;

import dev.writ.contract.Base64Url;
import dev.writ.contract.Digests;
import dev.writ.contract.grant.Ownership;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Who was given which MCP session and which A2A task: the subject of the call that began it.
 * Thread-safe, bounded, in memory: what was begun before this process, or long ago, is nobody's.
 * (actions.md, tasks)
 */
final class Owners {
  private static final int LIMIT = 16_384;

  private final Map<String, String> subjects =
      new LinkedHashMap<>(16, 0.75f, true) {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<String, String> eldest) {
          return size() > LIMIT;
        }
      };

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
    return subject.equals(subjects.get(key));
  }

  private synchronized void begin(String key, String subject) {
    subjects.putIfAbsent(key, subject);
  }

  /** Of one length, however long an app makes its ids. */
  private static String key(String kind, String service, String id) {
    String name = kind + "\n" + service + "\n" + id;
    return Base64Url.encode(Digests.sha256(name.getBytes(StandardCharsets.UTF_8)));
  }
}

package dev.writ.operator.records;

import dev.writ.audit.AuditRecord;
import dev.writ.audit.Entry;
import dev.writ.audit.Entry.Call;
import dev.writ.audit.Entry.Decision;
import dev.writ.audit.note.Checkpoint;
import dev.writ.operator.capability.Usage;
import dev.writ.operator.capability.Usage.Denial;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Sums of what was recorded, per capability. Memory is bounded by capabilities, not by records.
 * Thread-safe.
 */
public final class Tally implements TransparencyLog.Listener {
  private final Map<String, Sum> sums = new HashMap<>();
  private final Scope scope;
  private final Consumer<String> changed;

  /** Index of the newest record of each capability that something was recorded of. */
  private final Map<String, Long> touched = new HashMap<>();

  private final Map<String, LogPosition> positions = new HashMap<>();

  /** Which gates have a say about which capability. */
  @FunctionalInterface
  public interface Scope {
    /**
     * Whether there is such a capability, and it lives in the namespace of the pod that recorded
     * something about it.
     */
    boolean covers(String cid, String podNamespace);
  }

  /** The listener hears the cid of each capability whose sums changed; it must not block. */
  public Tally(Scope scope, Consumer<String> changed) {
    this.scope = scope;
    this.changed = changed;
  }

  @Override
  public void stored(long index, String podUid, AuditRecord stored) {
    if (!(stored.entry() instanceof Call call) || call.chain().isEmpty()) {
      return;
    }
    String cid = call.chain().getFirst().cid();
    // Otherwise any injected pod could use up, or fill with refusals, a capability that it has
    // nothing to do with.
    if (!scope.covers(cid, namespace(call.pod()))) {
      return;
    }
    synchronized (this) {
      sums.computeIfAbsent(cid, _ -> new Sum()).add(stored, call);
      touched.put(cid, index);
    }
  }

  /** Only now is there a checkpoint under which the newest records can be checked. */
  @Override
  public void reached(Checkpoint head) {
    Set<String> cids;
    synchronized (this) {
      touched.forEach(
          (cid, index) ->
              positions.put(cid, new LogPosition(head.size(), head.root().toBase64(), index)));
      cids = Set.copyOf(touched.keySet());
      touched.clear();
    }
    cids.forEach(changed);
  }

  /** Where the newest record of a capability can be checked; empty before the first. */
  public synchronized Optional<LogPosition> position(String cid) {
    return Optional.ofNullable(positions.get(cid));
  }

  /** The sums of a capability. */
  public synchronized Usage usage(String cid) {
    Sum sum = sums.get(cid);
    return sum == null ? Usage.NONE : sum.usage();
  }

  /** The capability is gone. */
  public synchronized void forget(String cid) {
    sums.remove(cid);
    positions.remove(cid);
    touched.remove(cid);
  }

  private static String namespace(String pod) {
    int slash = pod.indexOf('/');
    return slash < 0 ? "" : pod.substring(0, slash);
  }

  private static final class Sum {
    private long allowed;
    private long denied;
    private @Nullable Instant lastTime;
    private List<String> lastChain = List.of();
    private final Deque<Denial> denials = new ArrayDeque<>();

    void add(AuditRecord stored, Call call) {
      if (call.decision() == Decision.ALLOW) {
        allowed++;
      } else {
        denied++;
        deny(stored, call);
      }
      if (lastTime == null || call.time().isAfter(lastTime)) {
        lastTime = call.time();
        lastChain = subjects(call);
      }
    }

    /**
     * Boots are replayed one after the other, so the newest are chosen by time and not by arrival.
     */
    private void deny(AuditRecord stored, Call call) {
      String code = call.code() == null ? "error" : call.code().code();
      Denial denial =
          new Denial(call.time(), code, call.action(), subjects(call), stored.receipt());
      Deque<Denial> later = new ArrayDeque<>();
      while (!denials.isEmpty() && denials.peekFirst().time().isAfter(denial.time())) {
        later.addLast(denials.pollFirst());
      }
      denials.addFirst(denial);
      while (!later.isEmpty()) {
        denials.addFirst(later.pollLast());
      }
      if (denials.size() > Usage.MAX_DENIALS) {
        denials.pollLast();
      }
    }

    private static List<String> subjects(Call call) {
      return call.chain().stream().map(Entry.Link::sub).toList();
    }

    Usage usage() {
      return new Usage(allowed, denied, lastTime, List.copyOf(denials), lastChain);
    }
  }
}

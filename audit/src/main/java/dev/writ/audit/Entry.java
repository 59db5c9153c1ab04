package dev.writ.audit;

import dev.writ.contract.ErrorCode;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What one record says, before it has a place in the chain of its boot (audit.md, Record).
 *
 * <p>Entries bound what the other side can make them hold, so that a record stays under 16 KiB
 * whatever a caller sends.
 */
public sealed interface Entry
    permits Entry.Start, Entry.Stop, Entry.Call, Entry.End, OperatorEntry {

  /** Wall clock of the process that writes; shown in the record with milliseconds, UTC. */
  Instant time();

  /** {@code <namespace>/<name>} of the writing pod; {@code standalone} outside Kubernetes. */
  String pod();

  /**
   * The first entry of each boot.
   *
   * @param uid of the pod, null outside Kubernetes
   * @param previousBoot the boot of the same pod before this one as its journal shows it, null when
   *     none is known
   * @param previousSeq last sequence number of that boot, 0 when none is known
   */
  record Start(
      Instant time,
      String pod,
      @Nullable String uid,
      @Nullable String previousBoot,
      long previousSeq)
      implements Entry {}

  /** The last entry of a boot that ended in order. A boot without it was killed. */
  record Stop(Instant time, String pod) implements Entry {}

  /**
   * One decision at the gate, written before the answer leaves or the request is forwarded.
   *
   * @param service the service id of the listener that took the call, empty when it guards none yet
   * @param code why it was refused (in shadow mode: would have been), null when it was not
   * @param action null when the refusal came before an action was known
   * @param target the path, without the query: queries carry secrets
   * @param chain verified blocks only, root first; empty when no chain was verified
   * @param proof base64url SHA-256 of the proof's signature, null when there was none to verify
   * @param bodyDigest value of {@code Content-Digest} once it was checked, else null
   * @param counts what was counted by this call, per counted block
   * @param peer address that the connection came from, as the operating system tells it
   * @param parent receipt that the caller claims; never authority
   * @param trace W3C trace id that the caller claims
   * @param micros microseconds from the request's head to the decision
   */
  record Call(
      Instant time,
      String pod,
      String service,
      Decision decision,
      @Nullable ErrorCode code,
      Mode mode,
      @Nullable String action,
      String method,
      String target,
      List<Link> chain,
      @Nullable String proof,
      @Nullable String bodyDigest,
      List<Count> counts,
      String peer,
      @Nullable String parent,
      @Nullable String trace,
      long micros)
      implements Entry {

    /** UTF-16 units of a path that a record keeps; the rest is cut and shown as an ellipsis. */
    static final int MAX_TARGET = 1024;

    private static final int MAX_METHOD = 32;

    public Call {
      Objects.requireNonNull(decision, "decision");
      method = cut(method, MAX_METHOD);
      target = cut(target, MAX_TARGET);
      chain = List.copyOf(chain);
      counts = List.copyOf(counts);
      parent = parent == null ? null : cut(parent, 128);
      trace = trace == null ? null : cut(trace, 64);
    }

    private static String cut(String text, int max) {
      return text.length() <= max ? text : text.substring(0, max) + "…";
    }
  }

  /**
   * How an allowed call ended.
   *
   * @param of sequence number of its {@link Call} in the same boot
   * @param upstreamStatus HTTP status of the app, 0 when no answer came
   * @param micros microseconds from the decision to the last byte of the answer
   * @param code why the gate ended the answer; null when the app or the caller did
   */
  record End(
      Instant time, String pod, long of, int upstreamStatus, long micros, @Nullable ErrorCode code)
      implements Entry {
    /** One that the app or the caller ended. */
    public End(Instant time, String pod, long of, int upstreamStatus, long micros) {
      this(time, pod, of, upstreamStatus, micros, null);
    }
  }

  /** One verified block of a chain. */
  record Link(String sub, String cid, String jti, String jkt) {}

  /** State of one counter right after the call was counted. */
  record Count(String cid, long limit, long used) {}

  /** What the gate decided. {@code ERROR}: it could not decide or not carry out, so it refused. */
  enum Decision {
    ALLOW,
    DENY,
    ERROR
  }

  /** Whether the decision was carried out, or only recorded (shadow mode). */
  enum Mode {
    ENFORCE,
    AUDIT
  }
}

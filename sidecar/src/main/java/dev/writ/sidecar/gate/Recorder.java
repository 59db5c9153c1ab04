package dev.writ.sidecar.gate;

import dev.writ.audit.Entry;
import dev.writ.audit.Entry.Decision;
import dev.writ.audit.RecordChain.Sealed;
import dev.writ.contract.ErrorCode;
import dev.writ.contract.Names;
import dev.writ.contract.document.Block;
import dev.writ.contract.verify.Chain;
import dev.writ.contract.verify.Field;
import dev.writ.contract.verify.Granted;
import dev.writ.contract.verify.RequestHead;
import dev.writ.sidecar.Configuration.Enforcement;
import dev.writ.sidecar.count.Admission.Counted;
import dev.writ.sidecar.journal.AuditUnavailableException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Writes every decision to the journal before it takes effect, and counts it. (protocol.md, section
 * 4, step 13; audit.md)
 */
final class Recorder {
  private static final Logger LOG = LoggerFactory.getLogger(Recorder.class);
  private static final Pattern RECEIPT = Pattern.compile("[0-9a-f]{16}\\.[1-9][0-9]{0,18}");
  private static final long NANOS = 1_000;

  private final GateParts parts;
  private final GateMetrics metrics;
  private final Entry.Mode mode;

  Recorder(GateParts parts, GateMetrics metrics) {
    this.parts = parts;
    this.metrics = metrics;
    this.mode =
        parts.configuration().enforcement() == Enforcement.ENFORCE
            ? Entry.Mode.ENFORCE
            : Entry.Mode.AUDIT;
  }

  /**
   * What is known of a call when it is decided.
   *
   * @param service the audience of a verified chain, else a service of the listener, or empty
   * @param startNanos when its head came, monotonic
   */
  record Call(RequestHead head, String service, String peer, long startNanos) {}

  /** Journals that the call goes on. */
  Sealed allow(Call call, Granted granted, List<Counted> counted) throws AuditUnavailableException {
    List<Entry.Count> counts = new ArrayList<>();
    for (Counted one : counted) {
      counts.add(new Entry.Count(one.cid(), one.limit(), one.used()));
    }
    return append(
        call,
        Decision.ALLOW,
        null,
        granted.action(),
        granted.chain(),
        granted.proofDigest(),
        granted.bodyDigest(),
        counts);
  }

  /** Journals that the call was refused, or in shadow mode would have been. */
  Sealed refuse(
      Call call,
      ErrorCode code,
      @Nullable String action,
      @Nullable Chain chain,
      @Nullable Granted granted)
      throws AuditUnavailableException {
    Decision decision = code.status() >= 500 ? Decision.ERROR : Decision.DENY;
    String proof = granted == null ? null : granted.proofDigest();
    String digest = granted == null ? null : granted.bodyDigest();
    return append(call, decision, code, action, chain, proof, digest, List.of());
  }

  private Sealed append(
      Call call,
      Decision decision,
      @Nullable ErrorCode code,
      @Nullable String action,
      @Nullable Chain chain,
      @Nullable String proof,
      @Nullable String digest,
      List<Entry.Count> counts)
      throws AuditUnavailableException {
    long micros = (parts.time().nanos() - call.startNanos()) / NANOS;
    Entry.Call entry =
        new Entry.Call(
            now(),
            parts.pod(),
            call.service(),
            decision,
            code,
            mode,
            action,
            call.head().method(),
            path(call.head().target()),
            links(chain),
            proof,
            digest,
            counts,
            call.peer(),
            parent(call.head()),
            WorkBook.trace(call.head()),
            micros);
    metrics.decided(call.service(), action, decision, code, micros);
    return parts.journal().append(entry);
  }

  /**
   * Journals how a call ended that went on. A record that cannot be written is missed later by its
   * number, not here.
   */
  void end(Sealed of, int upstreamStatus, long decidedNanos, @Nullable ErrorCode code) {
    long micros = (parts.time().nanos() - decidedNanos) / NANOS;
    try {
      parts
          .journal()
          .append(new Entry.End(now(), parts.pod(), of.seq(), upstreamStatus, micros, code));
    } catch (AuditUnavailableException e) {
      LOG.atDebug()
          .addKeyValue("receipt", of.receipt())
          .addKeyValue("cause", e.getMessage())
          .log("Couldn't record an end");
    }
  }

  private Instant now() {
    return Instant.ofEpochMilli(parts.time().epochMillis());
  }

  private static String path(String target) {
    int query = target.indexOf('?');
    return query < 0 ? target : target.substring(0, query);
  }

  private static List<Entry.Link> links(@Nullable Chain chain) {
    if (chain == null) {
      return List.of();
    }
    List<Entry.Link> links = new ArrayList<>();
    for (Block block : chain.blocks()) {
      links.add(new Entry.Link(block.sub(), block.cid(), block.jti(), block.holder().thumbprint()));
    }
    return links;
  }

  private static @Nullable String parent(RequestHead head) {
    String value = single(head, Names.HEADER_PARENT);
    return value != null && RECEIPT.matcher(value).matches() ? value : null;
  }

  private static @Nullable String single(RequestHead head, String name) {
    String found = null;
    for (Field field : head.fields()) {
      if (field.name().equalsIgnoreCase(name)) {
        if (found != null) {
          return null;
        }
        found = field.value();
      }
    }
    return found;
  }
}

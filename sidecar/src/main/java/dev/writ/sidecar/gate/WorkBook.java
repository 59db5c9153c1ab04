package dev.writ.sidecar.gate;

import dev.writ.contract.key.PublicKey;
import dev.writ.contract.verify.Field;
import dev.writ.contract.verify.Granted;
import dev.writ.contract.verify.Moment;
import dev.writ.contract.verify.RequestHead;
import dev.writ.sidecar.work.Handed;
import dev.writ.sidecar.work.TraceId;
import dev.writ.sidecar.work.Work;
import dev.writ.sidecar.work.Works;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Notes for whom the app works, so that the helper can make its onward calls in that name. Without
 * a helper nothing is noted.
 */
final class WorkBook {
  /** As long as a delegation may live: later nothing of it is of use. Seconds. */
  private static final long SECONDS = 900;

  private final GateParts parts;
  private final Works works;
  private final @Nullable Handover handover;

  WorkBook(GateParts parts) {
    this.parts = parts;
    this.works = parts.works();
    PublicKey key = parts.key();
    boolean helper = parts.configuration().outbound() != null;
    this.handover =
        helper && key != null ? new Handover(parts.verifier(), key, parts.meters()) : null;
  }

  /**
   * The call was admitted.
   *
   * @return the value of {@code Capability-Context} for the app
   */
  String open(RequestHead head, Granted granted, String receipt) {
    if (handover != null) {
      Moment now = parts.time().moment();
      List<Handed> handed = handover.of(head, granted, parts.state().current(), now);
      String trace = trace(head);
      // Without either the context says all there is to say.
      if (trace != null || !handed.isEmpty()) {
        long until = now.epochSeconds() + SECONDS;
        List<String> caller = granted.chain().subjects();
        works.begin(new Work(receipt, caller, trace, handed, until), now.epochSeconds());
      }
    }
    return works.contexts().of(receipt);
  }

  /** The call has its answer. */
  void answered(String receipt) {
    works.answered(receipt);
  }

  /** The trace of a request, null when it names none or more than one. */
  static @Nullable String trace(RequestHead head) {
    String value = null;
    for (Field field : head.fields()) {
      if (field.name().equalsIgnoreCase(TraceId.FIELD)) {
        if (value != null) {
          return null;
        }
        value = field.value();
      }
    }
    return TraceId.of(value);
  }
}

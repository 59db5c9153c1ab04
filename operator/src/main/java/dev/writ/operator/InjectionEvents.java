package dev.writ.operator;

import dev.writ.operator.inject.AdmissionHandler.Outcome;
import dev.writ.operator.inject.AdmissionHandler.Owner;
import dev.writ.operator.reconcile.EventReason;
import io.fabric8.kubernetes.api.model.ObjectReference;
import io.fabric8.kubernetes.api.model.ObjectReferenceBuilder;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.Executor;

/**
 * Says on the owner of pods what became of them: who looks for pods that do not come looks there. A
 * controller that tries again and again, and a thousand pods of one owner, are one Event in ten
 * minutes. Thread-safe; never blocks. (crd.md, Events)
 */
final class InjectionEvents {
  private static final Duration AGAIN = Duration.ofMinutes(10);

  /** Owners remembered; beyond it all is forgotten, which costs Events said twice. */
  private static final int MAX_OWNERS = 2_000;

  private final Sink sink;
  private final Executor background;
  private final InstantSource clock;
  private final Map<Said, Instant> last = new HashMap<>();

  /** Where Events go; may block. */
  @FunctionalInterface
  interface Sink {
    void publish(ObjectReference about, EventReason reason, String message, Instant now);
  }

  private record Said(String uid, EventReason reason, String message) {}

  InjectionEvents(Sink sink, Executor background, InstantSource clock) {
    this.sink = sink;
    this.background = background;
    this.clock = clock;
  }

  /** A pod was looked at. */
  void admitted(Outcome outcome) {
    Owner owner = outcome.owner();
    if (owner == null || outcome.dryRun()) {
      return;
    }
    switch (outcome.result()) {
      case INJECTED ->
          say(outcome, owner, EventReason.Injected, "pods get the sidecar writ-sidecar");
      case REFUSED ->
          say(outcome, owner, EventReason.InjectionRefused, "a pod was refused: " + outcome.said());
      case SKIPPED -> {}
    }
  }

  private void say(Outcome outcome, Owner owner, EventReason reason, String message) {
    Instant now = clock.instant();
    if (!isNews(new Said(owner.uid(), reason, message), now)) {
      return;
    }
    ObjectReference about =
        new ObjectReferenceBuilder()
            .withApiVersion(owner.apiVersion())
            .withKind(owner.kind())
            .withNamespace(outcome.namespace())
            .withName(owner.name())
            .withUid(owner.uid())
            .build();
    background.execute(() -> sink.publish(about, reason, message, now));
  }

  private synchronized boolean isNews(Said said, Instant now) {
    Instant before = last.get(said);
    if (before != null && now.isBefore(before.plus(AGAIN))) {
      return false;
    }
    if (last.size() >= MAX_OWNERS) {
      last.clear();
    }
    last.put(said, now);
    return true;
  }
}

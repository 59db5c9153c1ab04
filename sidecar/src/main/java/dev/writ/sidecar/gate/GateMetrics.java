package dev.writ.sidecar.gate;

import dev.writ.audit.Entry.Decision;
import dev.writ.contract.ErrorCode;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * What the gate counts. Label values come from contracts that verified and from this configuration,
 * and are bounded.
 */
final class GateMetrics implements FramingGuard.Events {
  private static final int MAX_SERIES = 1_000;
  private static final String OTHER = "other";

  private final MeterRegistry meters;
  private final Map<Series, Counter> decisions = new ConcurrentHashMap<>();
  private final Timer decide;
  private final Counter framing;
  private final Counter failures;
  private final AtomicInteger inFlight;

  private record Series(
      String service, String action, Decision decision, @Nullable ErrorCode code) {}

  GateMetrics(MeterRegistry meters) {
    this.meters = meters;
    this.decide =
        Timer.builder("writ.decision")
            .description("From the head of a request to the decision")
            .register(meters);
    this.framing =
        Counter.builder("writ.framing.refused")
            .description("Connections refused before there was a request")
            .register(meters);
    this.failures =
        Counter.builder("writ.gate.failures")
            .description("Calls refused because of a defect")
            .register(meters);
    this.inFlight = new AtomicInteger();
    Gauge.builder("writ.calls.in.flight", inFlight, AtomicInteger::get)
        .description("Calls at the app")
        .register(meters);
  }

  /**
   * Counts a decision.
   *
   * @param action from a verified chain, null when there is none
   * @param code null when nothing was refused
   */
  void decided(
      String service,
      @Nullable String action,
      Decision decision,
      @Nullable ErrorCode code,
      long micros) {
    Series series = new Series(service, action == null ? "" : action, decision, code);
    Counter counter = decisions.get(series);
    if (counter == null) {
      Series bounded =
          decisions.size() < MAX_SERIES ? series : new Series(service, OTHER, decision, code);
      counter = decisions.computeIfAbsent(bounded, this::register);
    }
    counter.increment();
    decide.record(micros, TimeUnit.MICROSECONDS);
  }

  private Counter register(Series series) {
    ErrorCode code = series.code();
    return Counter.builder("writ.decisions")
        .description("Decisions of the gate")
        .tag("service", series.service())
        .tag("action", series.action())
        .tag("decision", series.decision().name().toLowerCase(Locale.ROOT))
        .tag("code", code == null ? "" : code.code())
        .register(meters);
  }

  @Override
  public void refusedFraming(String reason) {
    framing.increment();
  }

  void failed() {
    failures.increment();
  }

  /** An answer was ended by the gate, for this reason. */
  void ended(ErrorCode code) {
    Counter.builder("writ.answers.ended")
        .description("Answers that the gate ended")
        .tag("code", code.code())
        .register(meters)
        .increment();
  }

  void forwarded() {
    inFlight.incrementAndGet();
  }

  void ended() {
    inFlight.decrementAndGet();
  }
}

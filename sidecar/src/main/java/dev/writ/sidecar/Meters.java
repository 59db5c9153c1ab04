package dev.writ.sidecar;

import dev.writ.sidecar.flow.BodyBudget;
import dev.writ.sidecar.flow.FlowMemory;
import dev.writ.sidecar.flow.Memory;
import dev.writ.sidecar.work.Works;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.binder.jvm.JvmMemoryMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmThreadMetrics;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;

/** The registry, with what belongs to the process as a whole. */
final class Meters {
  private final PrometheusMeterRegistry registry =
      new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);

  Meters(String ed25519, Storage storage) {
    Gauge.builder("writ.ed25519.provider", () -> 1)
        .tag("provider", ed25519)
        .description("Which provider verifies signatures")
        .register(registry);
    Gauge.builder("writ.journal.bytes", storage.journal(), journal -> journal.bytes())
        .description("Records on disk, over all boots")
        .register(registry);
    Gauge.builder("writ.journal.bound.bytes", storage.journal(), journal -> journal.bound())
        .description("How many records may be on disk before calls are denied")
        .register(registry);
    FunctionCounter.builder("writ.journal.dropped", storage.journal(), journal -> journal.dropped())
        .description("Records that gave way at the bound, unacknowledged")
        .register(registry);
    Gauge.builder("writ.counters.used", storage.counting(), counting -> counting.used())
        .description("Counters in use")
        .register(registry);
    if (storage.counting() instanceof Storage.Counting.Granted granted) {
      Gauge.builder("writ.boots.unsettled", granted.counter(), counter -> counter.unsettled())
          .description("Former processes of this pod whose counts the ledger has not confirmed")
          .register(registry);
    }
    new JvmMemoryMetrics().bindTo(registry);
    new JvmThreadMetrics().bindTo(registry);
  }

  void works(Works works) {
    Gauge.builder("writ.works", works, Works::size)
        .description("Admitted calls that onward calls may belong to")
        .register(registry);
    Gauge.builder("writ.works.chars", works, Works::chars)
        .description("Length of the chains that callers handed over for them")
        .register(registry);
    FunctionCounter.builder("writ.works.evicted", works, Works::evicted)
        .description("Works that were forgotten before their time, at the bound")
        .register(registry);
  }

  /**
   * What is held for others.
   *
   * @param side that holds it
   */
  void memory(String side, Memory memory) {
    Gauge.builder("writ.memory.bodies.bytes", memory.bodies(), BodyBudget::held)
        .tag("side", side)
        .description("Calls under way, with what is read of their bodies")
        .register(registry);
    Gauge.builder("writ.memory.heads.bytes", memory.heads(), FlowMemory::held)
        .tag("side", side)
        .description("What came of heads that are not whole yet")
        .register(registry);
    Gauge.builder("writ.memory.idle.bytes", memory.idle(), FlowMemory::held)
        .tag("side", side)
        .description("Connections on which nothing is asked")
        .register(registry);
    Gauge.builder("writ.memory.underway.bytes", memory.flows(), FlowMemory::held)
        .tag("side", side)
        .description(
            "What peers have not taken yet, and what may still come before who sends waits")
        .register(registry);
  }

  PrometheusMeterRegistry registry() {
    return registry;
  }
}

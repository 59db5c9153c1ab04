package dev.writ.sidecar.control;

import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.concurrent.atomic.AtomicReference;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Whether one kind of exchange with the operator works. Logs each change once, not each attempt.
 * Thread-safe.
 */
final class Channel {
  private static final Logger LOG = LoggerFactory.getLogger(Channel.class);

  private enum State {
    NEW,
    UP,
    DOWN
  }

  private final String name;
  private final AtomicReference<State> state = new AtomicReference<>(State.NEW);

  Channel(String name, MeterRegistry meters) {
    this.name = name;
    Gauge.builder("writ_control_up", state, now -> now.get() == State.UP ? 1 : 0)
        .description("1 while this exchange with the operator works")
        .tag("exchange", name)
        .strongReference(true)
        .register(meters);
  }

  void up() {
    if (state.getAndSet(State.UP) != State.UP) {
      LOG.atInfo().addKeyValue("exchange", name).log("operator reached");
    }
  }

  void down(String cause) {
    if (state.getAndSet(State.DOWN) != State.DOWN) {
      LOG.atWarn()
          .addKeyValue("exchange", name)
          .addKeyValue("cause", cause)
          .log("couldn't reach the operator; what is known stays in force");
    }
  }
}

package dev.writ.sidecar.control;

import dev.writ.sidecar.allowance.Ask;
import dev.writ.sidecar.control.Operator.BootClosedException;
import dev.writ.sidecar.spent.GrantedCounter;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.Locale;
import java.util.function.BooleanSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Carries totals to the ledger and its answers back, one request at a time. One thread runs it.
 * (quota.md, Totals)
 */
final class AllowanceLink {
  private static final Logger LOG = LoggerFactory.getLogger(AllowanceLink.class);
  private static final long TICK_MS = 100;

  private final Operator operator;
  private final GrantedCounter counter;
  private final Runnable restart;
  private final BooleanSupplier enrolled;
  private final Channel channel;
  private final Counter requests;
  private final Signal wake = new Signal();
  private volatile State state = State.SERVED;
  private volatile boolean stopping;

  /** Why calls may not be granted, for operators of the callee to tell apart. */
  private enum State {
    /** The ledger answers. */
    SERVED,
    /** The operator can't be reached. */
    OPERATOR_AWAY,
    /**
     * The operator is there and serves nothing: its API server, its log or a ledger is not well.
     */
    NOT_SERVED,
    /** This boot was settled; another begins. */
    BOOT_CLOSED
  }

  AllowanceLink(
      Operator operator,
      GrantedCounter counter,
      Runnable restart,
      BooleanSupplier enrolled,
      MeterRegistry meters) {
    this.operator = operator;
    this.counter = counter;
    this.restart = restart;
    this.enrolled = enrolled;
    this.channel = new Channel("allowances", meters);
    this.requests =
        Counter.builder("writ_allowances_requests")
            .description("Requests to the ledger")
            .register(meters);
    for (State each : State.values()) {
      Gauge.builder("writ_allowances_state", () -> state == each ? 1 : 0)
          .description("1 for how the ledger serves this gate")
          .tag("state", each.name().toLowerCase(Locale.ROOT).replace('_', '-'))
          .register(meters);
    }
  }

  /** Until the boot is settled after {@link #stop}, or the thread is interrupted. */
  void run() throws InterruptedException {
    counter.link(wake::raise, restart);
    while (!(stopping && (counter.settled() || state == State.BOOT_CLOSED))) {
      Ask ask = enrolled.getAsBoolean() ? counter.due() : null;
      if (ask == null) {
        wake.await(TICK_MS);
      } else {
        carry(ask);
      }
    }
  }

  private void carry(Ask ask) throws InterruptedException {
    try {
      requests.increment();
      counter.answered(ask, operator.allowances(ask.request()));
      state = State.SERVED;
      channel.up();
    } catch (BootClosedException e) {
      LOG.atError()
          .addKeyValue("cause", e.getMessage())
          .log("couldn't go on counting: the process starts anew");
      state = State.BOOT_CLOSED;
      counter.closed();
    } catch (OperatorException e) {
      state = e.answered() ? State.NOT_SERVED : State.OPERATOR_AWAY;
      channel.down(String.valueOf(e.getMessage()));
      counter.failed(ask);
    } catch (RuntimeException e) {
      LOG.atError().setCause(e).log("couldn't be granted calls");
      channel.down(e.toString());
      counter.failed(ask);
    }
  }

  /** Has the boot settled as soon as the operator can be reached. */
  void stop() {
    stopping = true;
    counter.stop();
    wake.raise();
  }
}

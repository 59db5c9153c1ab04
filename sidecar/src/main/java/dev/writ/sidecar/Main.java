package dev.writ.sidecar;

import dev.writ.contract.MalformedException;
import dev.writ.contract.scan.ScanOrder;
import dev.writ.contract.verify.Moment;
import dev.writ.sidecar.capture.CaptureCommand;
import dev.writ.sidecar.capture.CaptureException;
import dev.writ.sidecar.scan.ScanCommand;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Starts the sidecar. Alone reads the environment and ends the process. */
public final class Main {
  private static final Logger LOG = LoggerFactory.getLogger(Main.class);

  private Main() {}

  /**
   * Without arguments the sidecar; with {@code capture} what the init container {@code
   * writ-capture} does, with {@code scan} what a pod of {@code writ check} does. All configuration
   * is in the environment.
   */
  public static void main(String[] arguments) {
    ExitCode code = run(arguments);
    if (code != ExitCode.STOPPED) {
      System.exit(code.status());
    }
  }

  private static ExitCode run(String[] arguments) {
    try {
      if (List.of(arguments).equals(List.of("capture"))) {
        CaptureCommand.run(Environment.capturedPorts(System.getenv()));
        return ExitCode.STOPPED;
      }
      if (List.of(arguments).equals(List.of(ScanOrder.ARGUMENT))) {
        ScanCommand.run(scanOrder(System.getenv()), new SystemTime()::nanos, System.out);
        return ExitCode.STOPPED;
      }
      if (arguments.length > 0) {
        throw new ConfigurationException(
            arguments[0], "is not an argument; configuration is in the environment");
      }
      // Netty's events for the flight recorder, which nobody asked for, are a seventh of a start.
      System.setProperty("io.netty.jfr.enabled", "false");
      Sidecar sidecar =
          Sidecar.start(Environment.read(System.getenv()), new SystemTime(), Main::restart);
      Runtime.getRuntime().addShutdownHook(new Thread(() -> stop(sidecar), "stop"));
      return ExitCode.STOPPED;
    } catch (ConfigurationException e) {
      LOG.atError()
          .addKeyValue("cause", e.getMessage())
          .log("Couldn't start: the configuration is wrong");
      return ExitCode.CONFIGURATION;
    } catch (StartException | CaptureException | IOException e) {
      LOG.atError().addKeyValue("cause", e.getMessage()).log("Couldn't start");
      return ExitCode.RESOURCE;
    } catch (RuntimeException e) {
      LOG.atError().setCause(e).log("Couldn't start because of a defect");
      return ExitCode.FAILED;
    }
  }

  private static ScanOrder scanOrder(Map<String, String> environment)
      throws ConfigurationException {
    try {
      return ScanOrder.parse(environment);
    } catch (MalformedException e) {
      throw new ConfigurationException("scan", String.valueOf(e.getMessage()));
    }
  }

  /**
   * Whoever started the process starts it anew. On a thread of its own: the end waits for others.
   */
  private static void restart() {
    Thread.ofPlatform().name("restart").start(() -> System.exit(ExitCode.STOPPED.status()));
  }

  private static void stop(Sidecar sidecar) {
    sidecar.stop();
    // A JVM that a signal ended would say 143, which reads like a failure: this end was in order.
    Runtime.getRuntime().halt(ExitCode.STOPPED.status());
  }

  /** The real clocks. */
  private static final class SystemTime implements Time {
    private static final long NANOS_PER_MILLI = 1_000_000;
    private static final long MILLIS_PER_SECOND = 1_000;

    /** {@link System#nanoTime} may be negative; a moment must not be. */
    private final long origin = System.nanoTime();

    @Override
    public Moment moment() {
      return new Moment(
          Math.floorDiv(System.currentTimeMillis(), MILLIS_PER_SECOND),
          (System.nanoTime() - origin) / NANOS_PER_MILLI);
    }

    @Override
    public long epochMillis() {
      return System.currentTimeMillis();
    }

    @Override
    public long nanos() {
      return System.nanoTime();
    }
  }
}

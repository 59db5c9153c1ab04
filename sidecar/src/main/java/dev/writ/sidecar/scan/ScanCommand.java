package dev.writ.sidecar.scan;

import dev.writ.contract.scan.ScanOrder;
import java.io.IOException;
import java.io.PrintStream;
import java.net.InetAddress;
import java.security.SecureRandom;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Carries out a {@link ScanOrder} and ends: one line for each address. */
public final class ScanCommand {
  private static final Logger LOG = LoggerFactory.getLogger(ScanCommand.class);
  private static final long GATE_SECONDS = 10;
  private static final long STRANGER_SECONDS = 2;

  private ScanCommand() {}

  /**
   * Does it.
   *
   * @param nanos a monotonic clock
   * @param out where the reports go
   * @throws IOException when this machine can't: there is no report of what is left
   */
  public static void run(ScanOrder order, LongSupplier nanos, PrintStream out) throws IOException {
    SecureRandom random = new SecureRandom();
    Pace pace = new Pace(order.perSecond(), nanos.getAsLong());
    try (Sweep sweep = new Sweep(pace, nanos, Sweep.SILENT_NANOS)) {
      Scan scan =
          new Scan(
              order,
              sweep,
              new Interview(random, nanos, TimeUnit.SECONDS.toNanos(GATE_SECONDS)),
              new Interview(random, nanos, TimeUnit.SECONDS.toNanos(STRANGER_SECONDS)),
              nanos);
      for (String address : order.addresses()) {
        LOG.atInfo().addKeyValue("address", address).log("Trying every port");
        out.println(scan.of(InetAddress.ofLiteral(address), address).json());
      }
    }
  }
}

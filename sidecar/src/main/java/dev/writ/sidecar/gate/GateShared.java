package dev.writ.sidecar.gate;

import java.io.IOException;

/** What the loops of one gate share beside {@link GateParts}. */
public final class GateShared {
  private final Recorder recorder;
  private final GateMetrics metrics;
  private final WorkBook workBook;
  private final BodyBudget budget;
  private final ConnectionLimits limits;
  private final Owners owners;

  private GateShared(
      Recorder recorder,
      GateMetrics metrics,
      WorkBook workBook,
      BodyBudget budget,
      ConnectionLimits limits,
      Owners owners) {
    this.recorder = recorder;
    this.metrics = metrics;
    this.workBook = workBook;
    this.budget = budget;
    this.limits = limits;
    this.owners = owners;
  }

  /**
   * For one gate.
   *
   * @param bodyBytes memory for all bodies that are being read or forwarded
   * @throws IOException when what an earlier start left in the state directory cannot be read
   */
  public static GateShared of(GateParts parts, long bodyBytes) throws IOException {
    GateMetrics metrics = new GateMetrics(parts.meters());
    return new GateShared(
        new Recorder(parts, metrics),
        metrics,
        new WorkBook(parts),
        new BodyBudget(bodyBytes),
        ConnectionLimits.standard(parts.time()::nanos),
        Owners.open(parts.configuration().stateDir(), parts.time()::nanos));
  }

  Recorder recorder() {
    return recorder;
  }

  GateMetrics metrics() {
    return metrics;
  }

  WorkBook workBook() {
    return workBook;
  }

  BodyBudget budget() {
    return budget;
  }

  Owners owners() {
    return owners;
  }

  ConnectionLimits limits() {
    return limits;
  }
}

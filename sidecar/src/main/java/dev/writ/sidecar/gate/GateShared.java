package dev.writ.sidecar.gate;

/** What the loops of one gate share beside {@link GateParts}. */
public final class GateShared {
  private final Recorder recorder;
  private final GateMetrics metrics;
  private final WorkBook workBook;
  private final BodyBudget budget;
  private final ConnectionLimits limits;
  private final Owners owners = new Owners();

  private GateShared(
      Recorder recorder,
      GateMetrics metrics,
      WorkBook workBook,
      BodyBudget budget,
      ConnectionLimits limits) {
    this.recorder = recorder;
    this.metrics = metrics;
    this.workBook = workBook;
    this.budget = budget;
    this.limits = limits;
  }

  /**
   * For one gate.
   *
   * @param bodyBytes memory for all bodies that are being read or forwarded
   */
  public static GateShared of(GateParts parts, long bodyBytes) {
    GateMetrics metrics = new GateMetrics(parts.meters());
    return new GateShared(
        new Recorder(parts, metrics),
        metrics,
        new WorkBook(parts),
        new BodyBudget(bodyBytes),
        ConnectionLimits.standard(parts.time()::nanos));
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

package dev.writ.sidecar.gate;

import dev.writ.sidecar.flow.Memory;
import java.io.IOException;

/** What the loops of one gate share beside {@link GateParts}. */
public final class GateShared {
  private final Recorder recorder;
  private final GateMetrics metrics;
  private final WorkBook workBook;
  private final Memory memory;
  private final ConnectionLimits limits;
  private final Owners owners;

  private GateShared(
      Recorder recorder,
      GateMetrics metrics,
      WorkBook workBook,
      Memory memory,
      ConnectionLimits limits,
      Owners owners) {
    this.recorder = recorder;
    this.metrics = metrics;
    this.workBook = workBook;
    this.memory = memory;
    this.limits = limits;
    this.owners = owners;
  }

  /**
   * For one gate.
   *
   * @param memory for what is being read and forwarded
   * @throws IOException when what an earlier start left in the state directory cannot be read
   */
  public static GateShared of(GateParts parts, Memory memory) throws IOException {
    GateMetrics metrics = new GateMetrics(parts.meters());
    return new GateShared(
        new Recorder(parts, metrics),
        metrics,
        new WorkBook(parts),
        memory,
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

  Memory memory() {
    return memory;
  }

  Owners owners() {
    return owners;
  }

  ConnectionLimits limits() {
    return limits;
  }
}

package dev.writ.sidecar.scan;

import dev.writ.contract.scan.PortSet;
import dev.writ.contract.scan.ScanOrder;
import dev.writ.contract.scan.ScanReport;
import dev.writ.contract.scan.ScanReport.Answer;
import java.io.IOException;
import java.net.InetAddress;
import java.util.BitSet;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.LongSupplier;
import java.util.stream.IntStream;

/**
 * Every port of one address, in blocks. Silence means that a port is closed only as long as other
 * ports can be reached: before all and after each block those that should be open are tried. A
 * block after which none of them is open any more is tried once more; its silence is told as unsure
 * if none is then.
 */
final class Scan {
  private static final int BLOCK = 16_384;

  /** How many open ports that are no gate's are asked who they are: a pod may open all of them. */
  private static final int MAX_STRANGERS = 16;

  /** For all gates of an address together; a pod that is asked may have a hundred, and be slow. */
  private static final long GATES_NANOS = 90_000_000_000L;

  private final ScanOrder order;
  private final Sweep sweep;
  private final Interview gates;
  private final Interview strangers;
  private final LongSupplier nanos;

  /**
   * Of an order.
   *
   * @param gates with patience for a gate that is busy
   * @param strangers with less, for any number of others
   */
  Scan(ScanOrder order, Sweep sweep, Interview gates, Interview strangers, LongSupplier nanos) {
    this.order = order;
    this.sweep = sweep;
    this.gates = gates;
    this.strangers = strangers;
    this.nanos = nanos;
  }

  /** Tries all of them. */
  ScanReport of(InetAddress address, String name) throws IOException {
    BitSet open = new BitSet();
    int refused = 0;
    int silent = 0;
    int unsure = 0;
    boolean reachable = witnessed(address);
    for (int first = 1; first <= PortSet.LAST; first += BLOCK) {
      BitSet block = new BitSet();
      block.set(first, Math.min(first + BLOCK, PortSet.LAST + 1));
      Sweep.Outcome outcome = sweep.over(address, block);
      boolean before = reachable;
      reachable = outcome.silent().isEmpty() || witnessed(address);
      if (before && !reachable) {
        Sweep.Outcome again = sweep.over(address, outcome.silent());
        outcome.open().or(again.open());
        outcome.refused().or(again.refused());
        outcome.silent().and(again.silent());
        reachable = witnessed(address);
      }
      unsure += reachable ? 0 : outcome.silent().cardinality();
      open.or(outcome.open());
      refused += outcome.refused().cardinality();
      silent += outcome.silent().cardinality();
    }
    PortSet found = PortSet.of(open.stream().boxed().toList());
    return new ScanReport(name, found, refused, silent, unsure, answers(address, found));
  }

  /** Whether any port that should be open is. */
  private boolean witnessed(InetAddress address) throws IOException {
    BitSet ports = new BitSet();
    IntStream.concat(order.gates().stream(), order.witnesses().stream()).forEach(ports::set);
    return !sweep.over(address, ports).open().isEmpty();
  }

  private Map<Integer, Answer> answers(InetAddress address, PortSet open) {
    Map<Integer, Answer> answers = new TreeMap<>();
    long deadline = nanos.getAsLong() + GATES_NANOS;
    for (int port : order.gates().stream().filter(open::contains).toArray()) {
      answers.put(port, nanos.getAsLong() < deadline ? gates.ask(address, port) : Answer.NOBODY);
    }
    open.without(order.gates()).without(order.witnesses()).stream()
        .limit(MAX_STRANGERS)
        .forEach(port -> answers.put(port, strangers.ask(address, port)));
    return answers;
  }
}

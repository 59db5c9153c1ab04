package dev.writ.cli.check;

import dev.writ.contract.scan.PortSet;
import dev.writ.contract.scan.ScanReport;
import dev.writ.contract.scan.ScanReport.Answer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * What a probe from outside says about a pod. Every open port that the admitted sidecar does not
 * account for is a way past the gate, whatever answers there: an app can look like a gate. Pure.
 */
final class ProbeVerdict {
  /** A pod may open all of its ports. */
  private static final int MAX_NAMED = 200;

  /** No pod has so many by itself. */
  private static final int NEARLY_ALL = 60_000;

  private final ProbedPod pod;
  private final String from;
  private final List<Fact> facts = new ArrayList<>();
  private boolean open;
  private boolean unsure;

  private ProbeVerdict(ProbedPod pod, String from) {
    this.pod = pod;
    this.from = from;
  }

  /**
   * Judges.
   *
   * @param level as the pod's own status has it
   * @param from namespace of the pod that probed
   * @param reports what that found; an address without one was not probed
   */
  static List<Fact> of(ProbedPod pod, GuaranteeLevel level, String from, List<ScanReport> reports) {
    ProbeVerdict verdict = new ProbeVerdict(pod, from);
    for (String address : pod.addresses()) {
      reports.stream()
          .filter(report -> report.address().equals(address))
          .findFirst()
          .ifPresentOrElse(verdict::address, () -> verdict.unreported(address));
    }
    verdict.facts.add(verdict.level(level));
    return verdict.facts;
  }

  private void unreported(String address) {
    unsure = true;
    facts.add(Fact.warns(closed(address), "the probe said nothing about it: run it again"));
  }

  private void address(ScanReport report) {
    PortSet ways = report.open().without(pod.gates()).without(pod.own());
    if (ways.size() > 0) {
      open = true;
      facts.add(Fact.fails(closed(report.address()), wayOut(ways)));
    }
    PortSet unreached = pod.gates().without(report.open());
    boolean nothing = report.open().size() == ways.size();
    if (nothing || report.unsure() > 0 || unreached.size() > 0) {
      unsure = true;
      facts.add(Fact.warns(reached(report.address()), whyNot(report, nothing, unreached)));
      return;
    }
    gates(report);
    if (ways.size() == 0) {
      facts.add(
          Fact.holds(
              closed(report.address())
                  + " ("
                  + said("gate ", pod.gates())
                  + said("sidecar ", pod.own())
                  + report.refused()
                  + " refused, "
                  + report.silent()
                  + " silent)"));
    }
  }

  private static String said(String what, PortSet ports) {
    return ports.size() == 0 ? "" : what + ports + "; ";
  }

  private String closed(String address) {
    return pod.label() + " answers on no port of " + address + " but its gate's";
  }

  private String reached(String address) {
    return "the probe reaches " + pod.label() + " on " + address;
  }

  private String wayOut(PortSet ways) {
    String list = ways.toString();
    return "port "
        + (list.length() <= MAX_NAMED ? list : ways.size() + " of them, among them " + first(list))
        + (ways.size() == 1 ? " answers" : " answer")
        + " past the gate: "
        + (pod.redirect()
            ? "the capture is not in force; make the pod anew, and if that does not help look for"
                + " what changes its nftables rules"
            : "bind the app to 127.0.0.1 there, declare the port as containerPort so that the gate"
                + " has it, or capture by redirect")
        + (ways.size() < NEARLY_ALL
            ? ""
            : ". So many are open where a proxy on the way answers in the pod's place, as one of a"
                + " mesh in namespace "
                + from
                + ": probe from where there is none");
  }

  private static String first(String list) {
    return list.substring(0, list.lastIndexOf(',', MAX_NAMED));
  }

  private String whyNot(ScanReport report, boolean nothing, PortSet unreached) {
    if (nothing) {
      return "no port that should be open is: a NetworkPolicy keeps namespace "
          + from
          + " out, or there is no route for this family; let it in while you probe, else silence"
          + " says nothing";
    }
    if (unreached.size() > 0) {
      return "port "
          + unreached
          + " did not open: a NetworkPolicy keeps namespace "
          + from
          + " from it, or the gate is down; what is closed to the probe may be open to others";
    }
    return report.unsure()
        + " ports were tried while not even the gate could be reached: run it again, with a lower"
        + " --probe-rate";
  }

  private void gates(ScanReport report) {
    Map<Answer, List<String>> wrong = new TreeMap<>();
    for (int port : pod.gates().stream().toArray()) {
      Answer answer = report.answers().getOrDefault(port, Answer.NOBODY);
      if (answer != Answer.GATE && !(answer == Answer.SHADOW && pod.shadow())) {
        wrong.computeIfAbsent(answer, _ -> new ArrayList<>()).add(String.valueOf(port));
      }
    }
    wrong.forEach(
        (answer, ports) -> {
          String statement =
              "the gate refuses calls without a contract on port "
                  + String.join(", ", ports)
                  + " of "
                  + report.address();
          switch (answer) {
            case GATE -> {
              // Not among the wrong ones.
            }
            case SHADOW, OTHER -> {
              open = true;
              facts.add(
                  Fact.fails(
                      statement,
                      "something else answers there, or lets them through: make the pod anew"));
            }
            case NOBODY -> {
              unsure = true;
              facts.add(
                  Fact.warns(
                      statement,
                      "it took the connection and did not answer in time: run it again"));
            }
          }
        });
  }

  private Fact level(GuaranteeLevel level) {
    String statement = pod.label() + " has guarantee level " + GuaranteeLevel.ENFORCED.word();
    String reached = statement + " (reached: " + level.word() + ")";
    if (open) {
      return Fact.fails(reached, "close what is open, as said above");
    }
    if (level != GuaranteeLevel.VERIFIED) {
      return Fact.fails(reached, "its self-test comes first, as said above");
    }
    if (pod.shadow()) {
      return Fact.warns(
          reached, "its gate is in shadow mode: remove annotation writ.dev/mode to have it refuse");
    }
    if (unsure) {
      return Fact.warns(reached, "the probe could not see enough, as said above");
    }
    return Fact.holds(
        statement
            + " (TCP, seen from namespace "
            + from
            + " on "
            + pod.addresses().stream().collect(Collectors.joining(" and "))
            + ")");
  }
}

package dev.writ.operator.records;

import dev.writ.audit.OperatorEntry.Contract;
import dev.writ.audit.OperatorEntry.Issue;
import dev.writ.contract.SpiffeId;
import dev.writ.contract.key.PublicKey;
import dev.writ.operator.cluster.InjectedPod;
import dev.writ.operator.issue.Issuances;
import dev.writ.operator.records.OperatorLog.Stamp;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/**
 * Puts each enrolment into the log. What does not fit into one record is said in several: a record
 * has at most 16 KiB. (audit.md, Record)
 */
public final class IssueRecords implements Issuances {
  private static final int CONTRACTS = 16;
  private static final int SERVICES = 12;

  private final OperatorLog log;

  /** Appends to that log. */
  public IssueRecords(OperatorLog log) {
    this.log = log;
  }

  @Override
  public void issued(
      InjectedPod pod,
      SpiffeId workload,
      PublicKey key,
      List<String> services,
      List<Contract> contracts)
      throws IOException {
    Stamp now = log.stamp();
    List<Issue> issues = new ArrayList<>();
    for (int i = 0;
        i == 0 || i * CONTRACTS < contracts.size() || i * SERVICES < services.size();
        i++) {
      issues.add(
          new Issue(
              now.time(),
              now.pod(),
              pod.namespace() + "/" + pod.name(),
              pod.uid(),
              workload.toString(),
              key.thumbprint(),
              part(services, i, SERVICES),
              part(contracts, i, CONTRACTS)));
    }
    log.append(issues);
  }

  private static <T> List<T> part(List<T> all, int number, int size) {
    int from = Math.min(number * size, all.size());
    return all.subList(from, Math.min(from + size, all.size()));
  }
}

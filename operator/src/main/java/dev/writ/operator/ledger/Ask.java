package dev.writ.operator.ledger;

import dev.writ.contract.quota.AllowanceRequest;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The part of one {@link AllowanceRequest} that is about one root capability.
 *
 * @param boot who asks
 * @param podUid of the pod, from the verified token, never from the message
 * @param replicas gates behind the target that are ready; below 1 counts as 1
 * @param items of this root
 * @param rates of this root
 * @param settled boots that ended, each with its counters of this root; empty for nothing
 * @param known boots of this pod that are not lost, null when nothing is said of others
 */
public record Ask(
    String boot,
    String podUid,
    int replicas,
    List<AllowanceRequest.Item> items,
    List<AllowanceRequest.Rate> rates,
    List<AllowanceRequest.Settled> settled,
    @Nullable Set<String> known) {
  /** Copies. */
  public Ask {
    items = List.copyOf(items);
    rates = List.copyOf(rates);
    settled = List.copyOf(settled);
    known = known == null ? null : Set.copyOf(known);
  }
}

package dev.writ.sidecar.outbound;

import dev.writ.contract.ErrorCode;
import dev.writ.contract.Names;
import dev.writ.contract.SpiffeId;
import dev.writ.contract.key.PublicKey;
import dev.writ.sidecar.Configuration;
import dev.writ.sidecar.state.OwnIdentity;
import dev.writ.sidecar.state.Snapshot;
import dev.writ.sidecar.work.HeldChain;
import dev.writ.sidecar.work.TraceId;
import dev.writ.sidecar.work.Work;
import dev.writ.sidecar.work.Works;
import io.vertx.core.MultiMap;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Decides in whose name a call goes out: with the caller's authority first, with the workload's own
 * only where the caller's does not reach. (docs/delegation.md)
 */
final class Deputy {
  private final Works works;
  private final PublicKey own;
  private final boolean callerOnly;

  Deputy(Works works, PublicKey own, Configuration.Deputy rule) {
    this.works = works;
    this.own = own;
    this.callerOnly =
        switch (rule) {
          case CALLER_FIRST -> false;
          case CALLER_ONLY -> true;
        };
  }

  /**
   * The work that a call of the app belongs to: what the gate told the app, else the trace.
   *
   * @param now epoch seconds
   */
  Standing standing(MultiMap headers, Snapshot snapshot, long now) throws Failure {
    List<String> contexts = headers.getAll(Names.HEADER_CONTEXT);
    if (!contexts.isEmpty()) {
      String receipt = contexts.size() == 1 ? works.contexts().receipt(contexts.getFirst()) : null;
      if (receipt == null) {
        throw new Failure(
            ErrorCode.MALFORMED,
            Names.HEADER_CONTEXT
                + " is not a value that this pod's gate gave: pass it on as it came with the"
                + " request, or leave it out.");
      }
      Work work = works.byReceipt(receipt, now);
      List<Work> found = work == null ? List.of() : List.of(work);
      return new Standing(receipt, usable(found, snapshot, now), false);
    }
    List<String> traces = headers.getAll(TraceId.FIELD);
    String trace = traces.size() == 1 ? TraceId.of(traces.getFirst()) : null;
    List<List<Work>> callers = trace == null ? List.of() : works.byTrace(trace, now);
    if (callers.isEmpty()) {
      return Standing.NONE;
    }
    List<Work> all = callers.stream().flatMap(List::stream).toList();
    String parent = callers.getLast().getFirst().receipt();
    return new Standing(parent, usable(all, snapshot, now), callers.size() > 1);
  }

  /** Without a credential of its own this sidecar cannot prove to be the delegate. */
  private List<HeldChain> usable(List<Work> works, Snapshot snapshot, long now) {
    OwnIdentity identity = snapshot.identity();
    if (identity == null || !identity.credential().holder().equals(own)) {
      return List.of();
    }
    Map<String, HeldChain> chains = new LinkedHashMap<>();
    for (Work work : works) {
      work.handed().stream()
          .map(handed -> handed.with(identity.jws()))
          .filter(chain -> chain.isValid(now))
          .forEach(chain -> chains.putIfAbsent(chain.contract(), chain));
    }
    return List.copyOf(chains.values());
  }

  /**
   * What a call to the service may be made with, in the order of preference; empty when no contract
   * is about the service, and the call goes out as it is.
   *
   * @throws Failure when there is something, and the deputy's rule forbids it
   */
  List<HeldChain> candidates(Standing standing, Snapshot snapshot, SpiffeId service, long now)
      throws Failure {
    List<HeldChain> handed = standing.handedFor(service.toString());
    if (standing.mixed() && !handed.isEmpty()) {
      throw new Failure(
          ErrorCode.ACTION_NOT_GRANTED,
          "More than one caller uses this trace, so it does not tell in whose name this call is:"
              + " pass on the "
              + Names.HEADER_CONTEXT
              + " of the request that it belongs to.");
    }
    List<HeldChain> mine = own(snapshot, service, now);
    if (!callerOnly) {
      List<HeldChain> both = new ArrayList<>(handed);
      both.addAll(mine);
      return both;
    }
    if (handed.isEmpty() && !mine.isEmpty()) {
      throw new Failure(
          ErrorCode.ACTION_NOT_GRANTED,
          "This pod calls in its callers' name alone ("
              + Names.DEPUTY
              + ": "
              + Names.DEPUTY_CALLER_ONLY
              + "), and none of them handed over a contract for "
              + service
              + (standing.parent() == null
                  ? ": pass on traceparent or " + Names.HEADER_CONTEXT + " of the request."
                  : "."));
    }
    return handed;
  }

  /**
   * What may be handed on with a call of that standing: of each service what the caller handed
   * over, else the workload's own.
   */
  List<HeldChain> delegable(Standing standing, Snapshot snapshot, long now) {
    if (standing.mixed()) {
      return List.of();
    }
    List<HeldChain> all = new ArrayList<>(standing.handed());
    if (!callerOnly) {
      snapshot.contracts().stream()
          .map(HeldChain::of)
          .filter(chain -> chain.isValid(now) && standing.handedFor(chain.audience()).isEmpty())
          .forEach(all::add);
    }
    return all;
  }

  private static List<HeldChain> own(Snapshot snapshot, SpiffeId service, long now) {
    return ContractChoice.covering(snapshot.contracts(), service, now).stream()
        .map(HeldChain::of)
        .toList();
  }
}

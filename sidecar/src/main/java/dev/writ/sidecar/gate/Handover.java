package dev.writ.sidecar.gate;

import dev.writ.contract.MalformedException;
import dev.writ.contract.Names;
import dev.writ.contract.document.Block;
import dev.writ.contract.key.PublicKey;
import dev.writ.contract.verify.Chain;
import dev.writ.contract.verify.ChainResult;
import dev.writ.contract.verify.Field;
import dev.writ.contract.verify.Granted;
import dev.writ.contract.verify.Moment;
import dev.writ.contract.verify.OnwardChains;
import dev.writ.contract.verify.OnwardChains.Onward;
import dev.writ.contract.verify.RequestHead;
import dev.writ.contract.verify.Verifier;
import dev.writ.sidecar.state.OwnIdentity;
import dev.writ.sidecar.state.Snapshot;
import dev.writ.sidecar.work.Handed;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads what an admitted call hands over for onward use (protocol.md, section 2). A chain that is
 * no good is left out and counted: the call itself was granted all the same.
 */
final class Handover {
  private static final Logger LOG = LoggerFactory.getLogger(Handover.class);

  private final Verifier verifier;
  private final PublicKey own;
  private final Counter taken;
  private final Counter refused;

  Handover(Verifier verifier, PublicKey own, MeterRegistry meters) {
    this.verifier = verifier;
    this.own = own;
    this.taken = counter(meters, "taken");
    this.refused = counter(meters, "refused");
  }

  private static Counter counter(MeterRegistry meters, String outcome) {
    return Counter.builder("writ.delegations.received")
        .description("Chains that callers handed over")
        .tag("outcome", outcome)
        .register(meters);
  }

  /** The chains that can be used, in the order of the header. */
  List<Handed> of(RequestHead head, Granted granted, Snapshot snapshot, Moment now) {
    String delegation = value(head, Names.HEADER_DELEGATION);
    OwnIdentity identity = snapshot.identity();
    if (delegation == null) {
      return List.of();
    }
    if (identity == null || !identity.credential().holder().equals(own)) {
      refuse("this sidecar has no credential for its key");
      return List.of();
    }
    List<Onward> chains;
    try {
      chains = OnwardChains.split(delegation, value(head, Names.HEADER_DELEGATION_IDENTITY));
    } catch (MalformedException e) {
      refuse(String.valueOf(e.getMessage()));
      return List.of();
    }
    List<Handed> usable = new ArrayList<>();
    for (Onward chain : chains) {
      switch (verifier.onward(
          chain.contract(), chain.identitiesWith(identity.jws()), snapshot.revocations(), now)) {
        case ChainResult.Rejected no -> refuse(no.code().code() + ": " + no.reason());
        case ChainResult.Verified yes -> {
          if (isFrom(granted.chain().holder(), yes.chain())) {
            usable.add(new Handed(chain, yes.chain()));
            taken.increment();
          } else {
            refuse("it was not delegated by the caller");
          }
        }
      }
    }
    return usable;
  }

  /**
   * Who calls must be who delegated: else somebody who saw the header pass could hand it over as
   * their own, and this workload would act for them with another's authority.
   */
  private static boolean isFrom(PublicKey caller, Chain chain) {
    List<Block> blocks = chain.blocks();
    return blocks.size() > 1 && blocks.get(blocks.size() - 2).holder().equals(caller);
  }

  private void refuse(String cause) {
    refused.increment();
    LOG.atDebug().addKeyValue("cause", cause).log("Left out a chain that was handed over");
  }

  private static @Nullable String value(RequestHead head, String name) {
    for (Field field : head.fields()) {
      if (field.name().equalsIgnoreCase(name)) {
        return field.value();
      }
    }
    return null;
  }
}

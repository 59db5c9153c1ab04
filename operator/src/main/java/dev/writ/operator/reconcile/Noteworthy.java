package dev.writ.operator.reconcile;

import dev.writ.contract.Names;
import dev.writ.v1alpha1.AgentCapability;
import io.fabric8.kubernetes.api.model.ObjectMeta;
import io.javaoperatorsdk.operator.processing.event.source.filter.OnUpdateFilter;
import java.util.Objects;

/**
 * Which updates are looked at: a new spec, a request by annotation, the way out. Our own status is
 * none of them.
 */
public final class Noteworthy implements OnUpdateFilter<AgentCapability> {
  @Override
  public boolean accept(AgentCapability now, AgentCapability before) {
    ObjectMeta metadata = now.getMetadata();
    return !Objects.equals(metadata.getGeneration(), before.getMetadata().getGeneration())
        || metadata.getDeletionTimestamp() != null
        || !Objects.equals(metadata.getFinalizers(), before.getMetadata().getFinalizers())
        || (metadata.getAnnotations() != null
            && metadata.getAnnotations().containsKey(Names.REVOKE_CONTRACTS));
  }
}

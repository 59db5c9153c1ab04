package dev.writ.operator.reconcile;

import dev.writ.contract.SpiffeId;
import dev.writ.operator.capability.Terms;
import dev.writ.operator.cluster.ClusterView;
import dev.writ.operator.cluster.ClusterView.Change;
import dev.writ.operator.cluster.InjectedPod;
import dev.writ.operator.control.EventHub;
import dev.writ.operator.issue.PodStates;
import dev.writ.operator.issue.Program;
import dev.writ.operator.issue.Programs;
import dev.writ.operator.revoke.Epochs;
import java.util.HashSet;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Predicate;

/**
 * What follows from a change of a pod, a Service or an account: which capabilities to look at,
 * which pods to tell.
 */
public final class ClusterChanges {
  private final String trustDomain;
  private final ClusterView cluster;
  private final Programs programs;
  private final PodStates pods;
  private final EventHub hub;
  private final Epochs epochs;
  private final Nudges nudges;
  private final Consumer<InjectedPod> revoked;

  /**
   * The parts it tells.
   *
   * @param revoked hears of pods that somebody revoked
   */
  public record Parts(
      String trustDomain,
      ClusterView cluster,
      Programs programs,
      PodStates pods,
      EventHub hub,
      Epochs epochs,
      Nudges nudges,
      Consumer<InjectedPod> revoked) {}

  /** Keeps no state of its own. */
  public ClusterChanges(Parts parts) {
    trustDomain = parts.trustDomain;
    cluster = parts.cluster;
    programs = parts.programs;
    pods = parts.pods;
    hub = parts.hub;
    epochs = parts.epochs;
    nudges = parts.nudges;
    revoked = parts.revoked;
  }

  /** Acts on one change, in the order in which they came. */
  public void accept(Change change) {
    switch (change) {
      case Change.OfPod pod -> pod(pod.pod(), pod.gone());
      case Change.OfService service -> {
        cluster.podsIn(service.namespace()).forEach(this::services);
        look(
            terms ->
                terms.target().namespace().equals(service.namespace())
                    && terms.target().name().equals(service.name()));
      }
      case Change.OfAccount account -> {
        SpiffeId id = SpiffeId.workload(trustDomain, account.namespace(), account.name());
        look(terms -> terms.source().equals(id) || terms.delegation().to().contains(id));
      }
    }
  }

  private void pod(InjectedPod pod, boolean gone) {
    if (gone) {
      hub.drop(pod.uid());
      pods.gone(pod.uid()).forEach(nudges::nudge);
    } else if (pod.revoked()) {
      revoked.accept(pod);
    } else if (pod.live()) {
      services(pod);
    }
    SpiffeId workload = SpiffeId.workload(trustDomain, pod.namespace(), pod.serviceAccount());
    look(
        terms ->
            terms.target().namespace().equals(pod.namespace()) || terms.source().equals(workload));
  }

  /**
   * The pod's identity names the services it guards, so it has to enrol again when they are others.
   */
  private void services(InjectedPod pod) {
    Set<String> now = new HashSet<>();
    cluster
        .guardedBy(pod)
        .forEach(
            service ->
                now.add(
                    SpiffeId.service(trustDomain, service.namespace(), service.name()).toString()));
    if (pods.guardsOther(pod.uid(), now)) {
      long epoch = epochs.next();
      pods.due(pod.uid(), epoch);
      hub.refresh(pod.uid(), epoch);
    }
  }

  private void look(Predicate<Terms> about) {
    for (Program program : programs.all()) {
      if (about.test(program.terms())) {
        nudges.nudge(program.terms().subject().cid());
      }
    }
  }
}

package dev.writ.operator.issue;

import dev.writ.audit.OperatorEntry;
import dev.writ.contract.SpiffeId;
import dev.writ.contract.document.IdentityCredential;
import dev.writ.contract.document.RootContract;
import dev.writ.contract.key.PublicKey;
import dev.writ.contract.key.Signer;
import dev.writ.operator.capability.Minting;
import dev.writ.operator.capability.Terms;
import dev.writ.operator.cluster.ClusterView;
import dev.writ.operator.cluster.GuardedService;
import dev.writ.operator.cluster.InjectedPod;
import dev.writ.operator.revoke.Epochs;
import java.io.IOException;
import java.time.Clock;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Supplier;

/** Mints what one pod key may hold, from the programs as they are at that moment. Thread-safe. */
public final class Issuer {
  /** Lifetime of an identity credential, seconds. */
  private static final long IDENTITY_SECONDS = 900;

  private static final long BACKDATE_SECONDS = 30;

  private final String trustDomain;
  private final Supplier<Signer> signer;
  private final Supplier<String> ids;
  private final Clock clock;
  private final Epochs epochs;
  private final Programs programs;
  private final PodStates pods;
  private final ClusterView cluster;
  private final Consumer<String> holdersChanged;
  private final Issuances issuances;

  /**
   * The parts an issuer needs.
   *
   * @param signer asked for each document
   * @param ids fresh lower-case UUIDs
   * @param holdersChanged hears the cid of each capability that a pod got or lost a contract of
   * @param issuances records what is handed out
   */
  public record Parts(
      String trustDomain,
      Supplier<Signer> signer,
      Supplier<String> ids,
      Clock clock,
      Epochs epochs,
      Programs programs,
      PodStates pods,
      ClusterView cluster,
      Consumer<String> holdersChanged,
      Issuances issuances) {}

  /** Keeps no state of its own. */
  public Issuer(Parts parts) {
    trustDomain = parts.trustDomain;
    signer = parts.signer;
    ids = parts.ids;
    clock = parts.clock;
    epochs = parts.epochs;
    programs = parts.programs;
    pods = parts.pods;
    cluster = parts.cluster;
    holdersChanged = parts.holdersChanged;
    issuances = parts.issuances;
  }

  /**
   * Everything for this pod and its key; the caller proved to hold the key and to be the pod.
   *
   * @return empty if the pod is revoked, or draws keys without end
   * @throws IOException when it could not be recorded: nothing may be handed out
   */
  public Optional<Enrolment> enrol(InjectedPod pod, PublicKey key) throws IOException {
    // Taken first: a change that happens meanwhile has a later number and makes the pod enrol
    // again.
    long epoch = epochs.current();
    long now = clock.instant().getEpochSecond();
    if (!pods.admitKey(pod.uid(), key.thumbprint(), now)) {
      return Optional.empty();
    }
    SpiffeId workload = SpiffeId.workload(trustDomain, pod.namespace(), pod.serviceAccount());
    List<GuardedService> services = cluster.guardedBy(pod);
    List<String> contracts = new ArrayList<>();
    Map<String, Long> held = new HashMap<>();
    List<OperatorEntry.Contract> issued = new ArrayList<>();
    for (Program program : programs.of(workload)) {
      if (program.issuable() && program.terms().validAt(now)) {
        RootContract contract = Minting.mint(program.terms(), key, ids.get(), now);
        contracts.add(contract.sign(signer.get()));
        held.put(contract.cid(), contract.exp());
        issued.add(recorded(program.terms().subject(), contract));
      }
    }
    Set<String> serviceIds = new HashSet<>();
    services.forEach(service -> serviceIds.add(id(service).toString()));
    issuances.issued(pod, workload, key, serviceIds.stream().sorted().toList(), issued);
    pods.enrolled(pod.uid(), epoch, serviceIds, held).forEach(holdersChanged);
    return Optional.of(
        new Enrolment(
            epoch, workload, identity(workload, serviceIds, pod, key, now), contracts, services));
  }

  private static OperatorEntry.Contract recorded(Terms.Subject subject, RootContract contract) {
    return new OperatorEntry.Contract(
        contract.cid(),
        subject.namespace() + "/" + subject.name(),
        contract.gen(),
        contract.jti(),
        contract.exp());
  }

  /** The id of a service, audience of its contracts. */
  public SpiffeId id(GuardedService service) {
    return SpiffeId.service(trustDomain, service.namespace(), service.name());
  }

  private String identity(
      SpiffeId workload, Set<String> services, InjectedPod pod, PublicKey key, long now) {
    return new IdentityCredential(
            SpiffeId.issuer(trustDomain),
            workload.toString(),
            services.stream().sorted().toList(),
            new IdentityCredential.Pod(pod.namespace(), pod.name(), pod.uid()),
            now,
            now - BACKDATE_SECONDS,
            now + IDENTITY_SECONDS,
            key)
        .sign(signer.get());
  }
}

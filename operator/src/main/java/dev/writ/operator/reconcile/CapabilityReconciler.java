package dev.writ.operator.reconcile;

import dev.writ.contract.document.TrustBundle;
import dev.writ.contract.key.Signer;
import dev.writ.operator.capability.Condition;
import dev.writ.operator.capability.Terms;
import dev.writ.operator.revoke.RevocationRegister;
import dev.writ.operator.revoke.RevocationStore.StaleVersionException;
import dev.writ.v1alpha1.AgentCapability;
import dev.writ.v1alpha1.AgentCapabilityStatus;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.utils.Serialization;
import io.javaoperatorsdk.operator.api.config.informer.Informer;
import io.javaoperatorsdk.operator.api.reconciler.Cleaner;
import io.javaoperatorsdk.operator.api.reconciler.Context;
import io.javaoperatorsdk.operator.api.reconciler.ControllerConfiguration;
import io.javaoperatorsdk.operator.api.reconciler.DeleteControl;
import io.javaoperatorsdk.operator.api.reconciler.EventSourceContext;
import io.javaoperatorsdk.operator.api.reconciler.Reconciler;
import io.javaoperatorsdk.operator.api.reconciler.UpdateControl;
import io.javaoperatorsdk.operator.processing.event.source.EventSource;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Keeps one capability's program, revocation and status as they should be. */
@ControllerConfiguration(
    name = CapabilityReconciler.NAME,
    finalizerName = CapabilityReconciler.FINALIZER,
    // Annotations don't change the generation; Noteworthy looks at it itself.
    generationAwareEventProcessing = false,
    informer = @Informer(onUpdateFilter = Noteworthy.class))
public final class CapabilityReconciler
    implements Reconciler<AgentCapability>, Cleaner<AgentCapability> {
  /** Of the controller. */
  public static final String NAME = "agentcapability";

  /** Stays until the revocation list that names the capability is out. */
  public static final String FINALIZER = "writ.dev/revoke";

  private static final Duration BETWEEN_WRITES = Duration.ofSeconds(1);

  /**
   * A look without a reason: an informer may have stopped silently, and contracts of holders run
   * out.
   */
  private static final Duration BETWEEN_LOOKS = Duration.ofSeconds(60);

  private final CapabilityDesk desk;
  private final Nudges nudges;
  private final EventPublisher events;
  private final ContractRevocations contracts;
  private final OutsideContracts outside;
  private final Clock clock;
  private final Instant settledAt;
  private final Runnable superseded;
  private final Map<String, Instant> lastWrite = new ConcurrentHashMap<>();

  /**
   * The parts of a reconciler.
   *
   * @param settledAt until then sidecars are on their way back from a restart of the operator
   * @param superseded called when another operator took over; must end this one
   */
  public record Parts(
      CapabilityDesk desk,
      RevocationRegister register,
      OutsideIssuer issuer,
      Nudges nudges,
      KubernetesClient client,
      Clock clock,
      Instant settledAt,
      Runnable superseded) {}

  /**
   * What contracts of agents outside the cluster are made with.
   *
   * @param signer asked for each
   * @param trust what verifiers accept
   * @param ids fresh lower-case UUIDs
   */
  public record OutsideIssuer(
      Supplier<Signer> signer, Supplier<TrustBundle> trust, Supplier<String> ids) {}

  /** Remembers only when it last wrote which status. */
  public CapabilityReconciler(Parts parts) {
    desk = parts.desk;
    nudges = parts.nudges;
    events = new EventPublisher(parts.client);
    contracts = new ContractRevocations(parts.register, parts.client, events);
    outside =
        new OutsideContracts(
            parts.client,
            parts.issuer.signer(),
            parts.issuer.trust(),
            parts.issuer.ids(),
            jti -> parts.register.state().jtis().containsKey(jti));
    clock = parts.clock;
    settledAt = parts.settledAt;
    superseded = parts.superseded;
  }

  @Override
  public List<EventSource<?, AgentCapability>> prepareEventSources(
      EventSourceContext<AgentCapability> context) {
    return List.of(nudges.source());
  }

  @Override
  public UpdateControl<AgentCapability> reconcile(
      AgentCapability capability, Context<AgentCapability> context) throws StaleVersionException {
    Instant now = clock.instant();
    CapabilityDesk.Assessment assessment = place(capability, assess(capability, now), now);
    AgentCapabilityStatus status =
        StatusDocument.of(
            assessment, capability.getMetadata().getGeneration(), capability.getStatus(), now);
    Duration next = nextLook(assessment, now);
    if (Serialization.asJson(status).equals(Serialization.asJson(capability.getStatus()))) {
      return UpdateControl.<AgentCapability>noUpdate().rescheduleAfter(next);
    }
    String uid = capability.getMetadata().getUid();
    Duration early =
        Duration.between(
            now, lastWrite.getOrDefault(uid, Instant.MIN.plusSeconds(1)).plus(BETWEEN_WRITES));
    if (early.isPositive()) {
      return UpdateControl.<AgentCapability>noUpdate().rescheduleAfter(early);
    }
    lastWrite.put(uid, now);
    announce(capability, assessment, now);
    return UpdateControl.patchStatus(fresh(capability, status)).rescheduleAfter(next);
  }

  @Override
  public DeleteControl cleanup(AgentCapability capability, Context<AgentCapability> context)
      throws StaleVersionException {
    String uid = capability.getMetadata().getUid();
    guarded(
        () -> {
          desk.gone(uid);
          return true;
        });
    outside.gone(capability);
    lastWrite.remove(uid);
    return DeleteControl.defaultDelete();
  }

  private CapabilityDesk.Assessment assess(AgentCapability capability, Instant now)
      throws StaleVersionException {
    boolean confirmedBefore =
        confirmed(capability.getStatus(), capability.getMetadata().getGeneration());
    boolean settled = !confirmedBefore || !now.isBefore(settledAt);
    return guarded(
        () -> {
          contracts.meet(capability, now);
          return desk.assess(Applications.of(capability), settled);
        });
  }

  /** The contract of an agent outside the cluster, and what it does to the conditions. */
  private CapabilityDesk.Assessment place(
      AgentCapability capability, CapabilityDesk.Assessment assessment, Instant now) {
    boolean grants = assessment.verdict().issuable();
    var outcome = outside.keep(capability, assessment.terms().filter(_ -> grants), now);
    return switch (outcome) {
      case OutsideContracts.Outcome.None _ -> assessment;
      case OutsideContracts.Outcome.Held held -> {
        if (held.made()) {
          events.publish(
              capability,
              EventReason.ContractPlaced,
              "The contract is in Secret "
                  + capability.getSpec().getSource().getContractSecretName()
                  + "; it is renewed there five minutes before it ends.",
              now);
        }
        yield assessment.heldBy(1);
      }
      case OutsideContracts.Outcome.Blocked blocked ->
          assessment.unresolved(blocked.reason(), blocked.message());
    };
  }

  private interface Step<T> {
    T run() throws StaleVersionException;
  }

  /**
   * Two operators would revoke behind each other's backs; this one no longer knows what is revoked,
   * so it ends.
   */
  private <T> T guarded(Step<T> step) throws StaleVersionException {
    try {
      return step.run();
    } catch (StaleVersionException e) {
      superseded.run();
      throw e;
    }
  }

  private static boolean confirmed(@Nullable AgentCapabilityStatus status, long generation) {
    return StatusDocument.condition(status, Condition.Type.PROGRAMMED.word())
        .filter(
            old ->
                "True".equals(old.getStatus())
                    && Long.valueOf(generation).equals(old.getObservedGeneration()))
        .isPresent();
  }

  private Duration nextLook(CapabilityDesk.Assessment assessment, Instant now) {
    Duration turn = assessment.terms().map(terms -> untilTurn(terms, now)).orElse(BETWEEN_LOOKS);
    Duration settling = Duration.between(now, settledAt);
    Duration next = turn.compareTo(BETWEEN_LOOKS) < 0 ? turn : BETWEEN_LOOKS;
    return settling.isPositive() && settling.compareTo(next) < 0 ? settling.plusMillis(100) : next;
  }

  private static Duration untilTurn(Terms terms, Instant now) {
    var turn = terms.nextTurn(now.getEpochSecond());
    return turn.isPresent()
        ? Duration.between(now, Instant.ofEpochSecond(turn.getAsLong())).plusMillis(20)
        : BETWEEN_LOOKS;
  }

  private void announce(
      AgentCapability capability, CapabilityDesk.Assessment assessment, Instant now) {
    var ready = assessment.verdict().condition(Condition.Type.READY);
    boolean news =
        StatusDocument.condition(capability.getStatus(), Condition.Type.READY.word())
            .map(old -> old.getReason())
            .filter(ready.reason().word()::equals)
            .isEmpty();
    if (news) {
      EventReason.of(ready.reason())
          .ifPresent(reason -> events.publish(capability, reason, ready.message(), now));
    }
  }

  /**
   * Nothing but the status may be in what is sent: the generated spec would write defaults into the
   * user's.
   */
  private static AgentCapability fresh(AgentCapability capability, AgentCapabilityStatus status) {
    AgentCapability fresh = new AgentCapability();
    fresh.getMetadata().setName(capability.getMetadata().getName());
    fresh.getMetadata().setNamespace(capability.getMetadata().getNamespace());
    fresh.setStatus(status);
    return fresh;
  }
}

package dev.writ.operator;

import dev.writ.audit.log.DirectoryStorage;
import dev.writ.audit.log.LogStorage;
import dev.writ.contract.MalformedException;
import dev.writ.contract.Names;
import dev.writ.contract.SpiffeId;
import dev.writ.contract.key.Ed25519;
import dev.writ.contract.key.PublicKey;
import dev.writ.contract.key.Signer;
import dev.writ.operator.capability.CapabilityReader;
import dev.writ.operator.cluster.ClusterView;
import dev.writ.operator.cluster.SecretStore;
import dev.writ.operator.config.Configuration;
import dev.writ.operator.config.LogPlace;
import dev.writ.operator.config.LogSettings;
import dev.writ.operator.control.ClusterTokenReviewer;
import dev.writ.operator.control.ControlApi;
import dev.writ.operator.control.EventHub;
import dev.writ.operator.control.HttpsListener;
import dev.writ.operator.copies.Copies;
import dev.writ.operator.counting.CallLedgerStore;
import dev.writ.operator.counting.ClusterGates;
import dev.writ.operator.counting.LedgerDesk;
import dev.writ.operator.counting.LoggedChanges;
import dev.writ.operator.issue.Issuer;
import dev.writ.operator.issue.PodStates;
import dev.writ.operator.issue.Program;
import dev.writ.operator.issue.Programs;
import dev.writ.operator.keys.ContractSigner;
import dev.writ.operator.keys.KeyNotice;
import dev.writ.operator.keys.KeyState;
import dev.writ.operator.keys.KeyUnavailableException;
import dev.writ.operator.keys.Rotation;
import dev.writ.operator.keys.RotationLoop;
import dev.writ.operator.keys.SecretContractSigner;
import dev.writ.operator.keys.SecretKeyringStore;
import dev.writ.operator.keys.Signers;
import dev.writ.operator.keys.pkcs11.Pkcs11ContractSigner;
import dev.writ.operator.leader.Leadership;
import dev.writ.operator.reconcile.Applications;
import dev.writ.operator.reconcile.CapabilityDesk;
import dev.writ.operator.reconcile.CapabilityReconciler;
import dev.writ.operator.reconcile.ClusterChanges;
import dev.writ.operator.reconcile.EventPublisher;
import dev.writ.operator.reconcile.EventReason;
import dev.writ.operator.reconcile.Nudges;
import dev.writ.operator.reconcile.PodRevocations;
import dev.writ.operator.reconcile.Watchdog;
import dev.writ.operator.records.ConfigMapCheckpoints;
import dev.writ.operator.records.IssueRecords;
import dev.writ.operator.records.LogKeyRotation;
import dev.writ.operator.records.LogKeys;
import dev.writ.operator.records.LogService;
import dev.writ.operator.records.PublishedKey;
import dev.writ.operator.records.Remembered;
import dev.writ.operator.records.RevokeRecords;
import dev.writ.operator.records.S3Storage;
import dev.writ.operator.records.Tally;
import dev.writ.operator.records.TransparencyLog;
import dev.writ.operator.records.WitnessRounds;
import dev.writ.operator.revoke.ConfigMapRevocationStore;
import dev.writ.operator.revoke.Epochs;
import dev.writ.operator.revoke.RevocationRegister;
import dev.writ.operator.revoke.RevocationStore.StaleVersionException;
import dev.writ.v1alpha1.AgentCapability;
import io.fabric8.kubernetes.api.model.ObjectReference;
import io.fabric8.kubernetes.api.model.ObjectReferenceBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.javaoperatorsdk.operator.Operator;
import io.javaoperatorsdk.operator.processing.retry.GenericRetry;
import io.micrometer.core.instrument.Tags;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.io.IOException;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * All parts of the operator, put together and running: those of every replica, and those of the
 * leader once this one leads. (architecture.md, Operator replicas)
 */
final class OperatorProcess implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(OperatorProcess.class);

  /**
   * Sidecars come back within seconds of a restart; until then what they confirmed before is taken
   * for confirmed.
   */
  private static final Duration SETTLING = Duration.ofSeconds(15);

  private static final long KEY_LOOK_SECONDS = 10;

  private final Configuration configuration;
  private final KubernetesClient client;
  private final Clock clock;
  private final Runnable superseded;
  private final PrometheusMeterRegistry metrics =
      new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
  private final ScheduledExecutorService upkeep =
      Executors.newScheduledThreadPool(
          3, Thread.ofPlatform().name("upkeep-", 0).daemon().factory());
  private final ScheduledExecutorService timer =
      Executors.newSingleThreadScheduledExecutor(
          Thread.ofPlatform().name("nudges").daemon().factory());

  /** Keeps the order of changes, and keeps them off the watch threads. */
  private final ExecutorService changes =
      Executors.newSingleThreadExecutor(Thread.ofPlatform().name("changes").daemon().factory());

  /** Guarded by itself. */
  private final Deque<AutoCloseable> open = new ArrayDeque<>();

  private final Programs programs = new Programs();
  private final PodStates pods = new PodStates();
  private final EventHub hub = new EventHub();
  private final Readiness readiness = new Readiness();
  private final Nudges nudges = new Nudges(programs, timer);
  private final AtomicReference<Rotation> rotation = new AtomicReference<>();
  private final AtomicReference<ClusterChanges> reactions = new AtomicReference<>();
  private volatile Runnable leave = () -> {};
  private boolean closed;
  private int port;
  private int adminPort;

  private OperatorProcess(
      Configuration configuration, KubernetesClient client, Clock clock, Runnable superseded) {
    this.configuration = configuration;
    this.client = client;
    this.clock = clock;
    this.superseded = superseded;
  }

  /**
   * Starts and returns when the webhook is answered; an only replica then leads, others take part
   * in the election.
   *
   * @param client closed by the caller
   * @param superseded called, once or more, when another operator took over this one's state or its
   *     lease, or it couldn't begin to lead
   * @throws IOException if an address or the data directory can't be used
   * @throws GeneralSecurityException if a Secret with a certificate can't be used
   * @throws MalformedException if the Secret with the issuer's keys can't be used
   * @throws KeyUnavailableException if the issuer's current key can't be used
   */
  static OperatorProcess start(
      Configuration configuration, KubernetesClient client, Clock clock, Runnable superseded)
      throws IOException,
          GeneralSecurityException,
          MalformedException,
          KeyUnavailableException,
          StaleVersionException {
    OperatorProcess process = new OperatorProcess(configuration, client, clock, superseded);
    try {
      process.start();
      return process;
    } catch (IOException
        | GeneralSecurityException
        | MalformedException
        | KeyUnavailableException
        | StaleVersionException
        | RuntimeException e) {
      process.close();
      throw e;
    }
  }

  /** Port of the Control API and the webhook. */
  int port() {
    return port;
  }

  /** Port of health and metrics. */
  int adminPort() {
    return adminPort;
  }

  private void start()
      throws IOException,
          GeneralSecurityException,
          MalformedException,
          KeyUnavailableException,
          StaleVersionException {
    HttpsListener admin =
        keep(
            ControlApi.admin(configuration.admin().resolve(), readiness::missing, metrics::scrape));
    admin.start();
    adminPort = admin.port();
    Frontend frontend = keep(Frontend.start(configuration, client, clock, metrics, readiness));
    leave = frontend::leave;
    port = frontend.listener().port();
    frontend.refresh();
    Upkeep.schedule(upkeep, metrics, "look after certificates", frontend::refresh);
    Upkeep.schedule(
        upkeep,
        metrics,
        "look for other certificates",
        Duration.ofSeconds(KEY_LOOK_SECONDS),
        frontend::refreshIfChanged);
    if (configuration.podName().isEmpty()) {
      lead(frontend);
      readiness.ready();
      return;
    }
    Leadership leadership =
        keep(
            Leadership.seek(
                client,
                configuration.namespace(),
                configuration.podName().get(),
                () -> lead(frontend),
                superseded));
    metrics.gauge("writ_leading", leadership, own -> own.leading() ? 1 : 0);
    readiness.ready();
    LOG.atInfo().addKeyValue("listen", port).addKeyValue("admin", adminPort).log("standing by");
  }

  private void lead(Frontend frontend)
      throws MalformedException, KeyUnavailableException, IOException, StaleVersionException {
    SecretStore secrets = new SecretStore(client, configuration.namespace());
    Rotation issuerKeys = Rotation.open(rotationParts());
    rotation.set(issuerKeys);

    List<AgentCapability> capabilities = capabilities();
    Tally tally = new Tally(this::inScope, nudges::count);
    LoggedChanges logged = new LoggedChanges();
    LogService log = keep(log(secrets, List.of(tally, logged)));
    logged.appendTo(log.own());
    recordKeys(log);
    RevokeRecords revokes =
        new RevokeRecords(log.own(), () -> rotation.get().keys().bundle(), Ed25519.bouncyCastle());
    ClusterView cluster = keep(new ClusterView(client, this::changed));
    Epochs epochs = new Epochs(clock, 0);
    RevocationRegister register =
        new RevocationRegister.Builder(
                new ConfigMapRevocationStore(client, configuration.namespace()),
                this::signer,
                SpiffeId.issuer(configuration.trustDomain()),
                clock,
                epochs,
                list -> {
                  hub.publish(list);
                  revokes.accept(list);
                })
            .open(clock.instant().getEpochSecond());
    LedgerDesk ledgers =
        new LedgerDesk(
            new LedgerDesk.Parts(
                new CallLedgerStore(client),
                logged,
                programs,
                new ClusterGates(cluster),
                clock,
                UUID.randomUUID().toString(),
                hub::recall,
                nudges::count,
                cause ->
                    metrics.counter("writ_allowances_refused_total", "cause", cause).increment()));
    CapabilityDesk desk =
        new CapabilityDesk(
            new CapabilityDesk.Parts(
                new CapabilityReader(configuration.trustDomain()),
                cluster,
                programs,
                pods,
                tally,
                ledgers,
                register,
                hub,
                clock));
    desk.open(
        capabilities.stream()
            .filter(live -> live.getMetadata().getDeletionTimestamp() == null)
            .map(Applications::of)
            .toList());
    PodRevocations revocations =
        new PodRevocations(
            new PodRevocations.Parts(
                cluster, pods, hub, register, new EventPublisher(client), clock));
    reactions.set(
        new ClusterChanges(
            new ClusterChanges.Parts(
                configuration.trustDomain(),
                cluster,
                programs,
                pods,
                hub,
                epochs,
                nudges,
                _ -> revoke(revocations::look))));
    cluster.namespaces().forEach(frontend.trust()::need);
    // The replica that admitted the first pod of a namespace since may be gone when trust changes.
    Upkeep.schedule(
        upkeep,
        metrics,
        "look for namespaces with sidecars",
        () -> cluster.namespaces().forEach(frontend.trust()::need));

    Issuer issuer =
        new Issuer(
            new Issuer.Parts(
                configuration.trustDomain(),
                this::signer,
                () -> UUID.randomUUID().toString(),
                clock,
                epochs,
                programs,
                pods,
                cluster,
                nudges::nudge,
                new IssueRecords(log.own())));
    serve(frontend.listener(), log, ledgers, cluster, register, epochs, issuer, revocations);
    Operator controllers = controllers(desk, register);
    Watchdog watchdog =
        new Watchdog(
            desk, programs, metrics.counter("writ_controller_lost_sight_total")::increment);
    new Upkeep(
            new Upkeep.Parts(client, register, ledgers, watchdog, revocations, metrics, superseded))
        .start(upkeep);
    issuerKeys.reach(
        new TrustBroadcast(
            cluster, pods, hub, epochs, register, this::lookAtOutsideAgents, superseded));
    keep(
        new RotationLoop(
            issuerKeys,
            client,
            configuration.namespace(),
            metrics.counter("writ_upkeep_failures_total", "task", "look after the issuer's keys")
                ::increment));
    measure(cluster, controllers, ledgers);
    measure(issuerKeys);
    LOG.atInfo()
        .addKeyValue("listen", port)
        .addKeyValue("admin", adminPort)
        .addKeyValue("keys", issuerKeys.keys())
        .addKeyValue("capabilities", capabilities.size())
        .log("ready");
  }

  private LogService log(SecretStore secrets, List<Remembered> sums)
      throws IOException, MalformedException {
    SecureRandom random = new SecureRandom();
    LogKeys logKeys =
        LogKeys.open(
            secrets,
            () -> "writ.dev/log/" + configuration.trustDomain() + "/" + LogService.id(random));
    PublishedKey.publish(client, configuration.namespace(), logKeys);
    LogStorage storage = open(configuration.log().store());
    Optional<LogPlace> place =
        configuration.log().retention().flatMap(LogSettings.Retention::archive);
    Optional<LogStorage> archive =
        place.isPresent() ? Optional.of(open(place.get())) : Optional.empty();
    LogService log =
        LogService.open(
            new LogService.Parts(
                storage,
                archive,
                configuration.log().retention().map(LogSettings.Retention::keep),
                new ConfigMapCheckpoints(client, configuration.namespace()),
                logKeys,
                configuration.namespace(),
                clock,
                random,
                timer),
            sums,
            copies(logKeys.current().name()));
    metrics.gauge("writ_log_entries", log, LogService::size);
    metrics.gauge("writ_log_entries_from", log, LogService::entriesFrom);
    watchKeys(secrets, log);
    if (!configuration.log().witnesses().isEmpty()) {
      WitnessRounds rounds = keep(WitnessRounds.start(storage, log::keys, configuration.log()));
      metrics.gauge("writ_log_witnessed_entries", rounds, WitnessRounds::witnessed);
      metrics.gauge("writ_log_witnesses_ahead", rounds, WitnessRounds::ahead);
    }
    return log;
  }

  private List<TransparencyLog.Listener> copies(String origin) {
    LogSettings.Copies to = configuration.log().copies();
    List<TransparencyLog.Listener> all = new ArrayList<>();
    to.openTelemetry()
        .ifPresent(url -> all.add(measured("otlp", keep(Copies.openTelemetry(url, origin)))));
    to.cloudEvents()
        .ifPresent(url -> all.add(measured("cloudevents", keep(Copies.cloudEvents(url, origin)))));
    return all;
  }

  private Copies measured(String to, Copies copies) {
    Tags tags = Tags.of("to", to);
    metrics.more().counter("writ_log_copies_total", tags, copies, Copies::sent);
    metrics.more().counter("writ_log_copies_dropped_total", tags, copies, Copies::dropped);
    metrics.gauge("writ_log_copies_waiting", tags, copies, Copies::waiting);
    return copies;
  }

  private void watchKeys(SecretStore secrets, LogService log) {
    LogKeyRotation logKeys =
        new LogKeyRotation(
            client,
            configuration.namespace(),
            secrets,
            log,
            configuration.log().keyLifetime(),
            clock);
    metrics.gauge("writ_log_keys_usable", logKeys, keys -> keys.problem().isEmpty() ? 1 : 0);
    Upkeep.schedule(
        upkeep,
        metrics,
        "look for other keys of the log",
        Duration.ofSeconds(KEY_LOOK_SECONDS),
        logKeys::look);
  }

  private LogStorage open(LogPlace place) throws IOException {
    return switch (place) {
      case LogPlace.Folder folder -> DirectoryStorage.writing(folder.path());
      case LogPlace.Bucket bucket -> keep(S3Storage.open(bucket));
    };
  }

  /** Which keys sign contracts; looked at again now and then, for they may be rotated. */
  private void recordKeys(LogService log) throws IOException {
    recordKeysOnce(log);
    var _ =
        upkeep.scheduleWithFixedDelay(
            () -> {
              try {
                recordKeysOnce(log);
              } catch (IOException e) {
                LOG.atWarn()
                    .addKeyValue("cause", e.getMessage())
                    .log("couldn't record which keys hold; tried again");
              }
            },
            KEY_LOOK_SECONDS,
            KEY_LOOK_SECONDS,
            TimeUnit.SECONDS);
  }

  private void recordKeysOnce(LogService log) throws IOException {
    log.contractKeys(
        signer().publicKey().thumbprint(),
        rotation.get().keys().bundle().keys().stream()
            .map(PublicKey::thumbprint)
            .sorted()
            .toList());
  }

  private void serve(
      HttpsListener listener,
      LogService log,
      LedgerDesk ledgers,
      ClusterView cluster,
      RevocationRegister register,
      Epochs epochs,
      Issuer issuer,
      PodRevocations revocations) {
    ControlApi.serve(
        listener,
        new ControlApi.Parts(
            new ClusterTokenReviewer(client),
            cluster,
            issuer,
            pods,
            hub,
            log.records(),
            log.files(),
            ledgers,
            () -> rotation.get().keys().bundle(),
            register::current,
            epochs,
            (pod, epoch) -> {
              if (pods.applied(pod.uid(), epoch)) {
                programs.all().stream()
                    .filter(program -> program.terms().target().namespace().equals(pod.namespace()))
                    .forEach(program -> nudges.nudge(program.terms().subject().cid()));
              }
            },
            (pod, key) -> revoke(() -> revocations.revoke(pod, key)),
            clock));
    keep(hub::closeAll);
  }

  private Operator controllers(CapabilityDesk desk, RevocationRegister register) {
    Operator controllers =
        new Operator(
            overrider ->
                overrider
                    .withKubernetesClient(client)
                    .withCloseClientOnStop(false)
                    // The mock server of the demo knows no server-side apply; a JSON patch works on
                    // both.
                    .withUseSSAToPatchPrimaryResource(false)
                    .withConcurrentReconciliationThreads(8)
                    .withReconciliationTerminationTimeout(Duration.ofSeconds(2)));
    GenericRetry retry =
        new GenericRetry()
            .withoutMaxAttempts()
            .setInitialInterval(500)
            .setIntervalMultiplier(2)
            .setMaxInterval(30_000);
    controllers.register(
        new CapabilityReconciler(
            new CapabilityReconciler.Parts(
                desk,
                register,
                new CapabilityReconciler.OutsideIssuer(
                    this::signer,
                    () -> rotation.get().keys().bundle(),
                    () -> UUID.randomUUID().toString()),
                nudges,
                client,
                clock,
                clock.instant().plus(SETTLING),
                superseded)),
        overrider -> overrider.withRetry(retry));
    controllers.start();
    nudges.open();
    keep(controllers::stop);
    return controllers;
  }

  private List<AgentCapability> capabilities() {
    List<AgentCapability> all =
        client.resources(AgentCapability.class).inAnyNamespace().list().getItems();
    for (AgentCapability capability : all) {
      var metadata = capability.getMetadata();
      programs.seen(
          metadata.getUid(), new Programs.Place(metadata.getNamespace(), metadata.getName()));
    }
    return all;
  }

  private boolean inScope(String cid, String podNamespace) {
    return programs.place(cid).filter(place -> place.namespace().equals(podNamespace)).isPresent();
  }

  private void changed(ClusterView.Change change) {
    changes.execute(
        () -> {
          ClusterChanges reaction = reactions.get();
          if (reaction != null) {
            reaction.accept(change);
          }
        });
  }

  private void measure(ClusterView cluster, Operator controllers, LedgerDesk ledgers) {
    metrics.gauge("writ_ledgers_behind", ledgers, LedgerDesk::behind);
    metrics.gauge("writ_connected_sidecars", hub, EventHub::size);
    metrics.gauge("writ_programs", programs, all -> all.all().size());
    metrics.gauge(
        "writ_issuable_programs",
        programs,
        all -> all.all().stream().filter(Program::issuable).count());
    metrics.gauge("writ_watches_alive", cluster, view -> view.healthy() ? 1 : 0);
    metrics.gauge(
        "writ_controllers_healthy",
        controllers,
        all -> all.getRuntimeInfo().allEventSourcesAreHealthy() ? 1 : 0);
  }

  /** Keys that lie in the Secret are found there also once new ones are made in a token. */
  private ContractSigner signers() throws KeyUnavailableException {
    ContractSigner secret = new SecretContractSigner();
    if (configuration.token().isEmpty()) {
      return new Signers(secret, List.of());
    }
    Configuration.Token token = configuration.token().get();
    return new Signers(
        Pkcs11ContractSigner.of(token.library(), token.label(), token.pinFile()), List.of(secret));
  }

  private Rotation.Parts rotationParts() throws KeyUnavailableException {
    EventPublisher events = new EventPublisher(client);
    ObjectReference about =
        new ObjectReferenceBuilder()
            .withApiVersion("v1")
            .withKind("ConfigMap")
            .withNamespace(configuration.namespace())
            .withName(Names.ISSUER_KEYS_MAP)
            .build();
    return new Rotation.Parts(
        new SecretKeyringStore(client, configuration.namespace()),
        new KeyNotice(client, configuration.namespace()),
        signers(),
        configuration.keyLifetime(),
        clock,
        System::nanoTime,
        (complaint, sentence) ->
            events.publish(
                about,
                switch (complaint) {
                  case DECLINED -> EventReason.KeyRequestDeclined;
                  case UNUSABLE -> EventReason.IssuerKeysUnusable;
                },
                sentence,
                clock.instant()));
  }

  private void measure(Rotation issuerKeys) {
    for (KeyState state : KeyState.values()) {
      metrics.gauge(
          "writ_issuer_keys",
          Tags.of("state", state.word()),
          issuerKeys,
          rotation -> rotation.ring().keys().stream().filter(key -> key.state() == state).count());
    }
    metrics.gauge(
        "writ_issuer_keys_usable", issuerKeys, rotation -> rotation.problem().isEmpty() ? 1 : 0);
    metrics.gauge("writ_ed25519_info", Tags.of("provider", Ed25519.bouncyCastle().provider()), 1);
  }

  /** Their contracts may have been signed with a key that counts no more. */
  private void lookAtOutsideAgents() {
    programs.all().stream()
        .filter(program -> program.terms().outside() != null)
        .forEach(program -> nudges.nudge(program.terms().subject().cid()));
  }

  private interface Revocation {
    void run() throws StaleVersionException;
  }

  private void revoke(Revocation revocation) {
    try {
      revocation.run();
    } catch (StaleVersionException e) {
      superseded.run();
    }
  }

  private Signer signer() {
    return rotation.get().keys().signer();
  }

  /** What comes up while all is taken down ends at once, and its maker with it. */
  private <T extends AutoCloseable> T keep(T part) {
    synchronized (open) {
      if (!closed) {
        open.push(part);
        return part;
      }
    }
    close(part);
    throw new IllegalStateException("the operator is being stopped");
  }

  /** In the reverse order of the start; what fails to close does not keep the rest open. */
  @Override
  public void close() {
    readiness.waitFor("it stops");
    leave.run();
    upkeep.shutdownNow();
    timer.shutdownNow();
    changes.shutdownNow();
    for (AutoCloseable part = next(); part != null; part = next()) {
      close(part);
    }
  }

  private @Nullable AutoCloseable next() {
    synchronized (open) {
      closed = true;
      return open.poll();
    }
  }

  private static void close(AutoCloseable part) {
    try {
      part.close();
    } catch (Exception e) {
      LOG.atWarn().addKeyValue("cause", e.toString()).log("couldn't close a part");
    }
  }
}

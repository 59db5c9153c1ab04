package dev.writ.sidecar;

import dev.writ.audit.Entry;
import dev.writ.contract.key.Ed25519;
import dev.writ.contract.key.PrivateKey;
import dev.writ.contract.verify.Challenges;
import dev.writ.contract.verify.Listener;
import dev.writ.contract.verify.Protocol;
import dev.writ.contract.verify.Revocations;
import dev.writ.contract.verify.Verifier;
import dev.writ.sidecar.Configuration.Cluster;
import dev.writ.sidecar.Configuration.Standalone;
import dev.writ.sidecar.admin.AdminVerticle;
import dev.writ.sidecar.capture.Capture;
import dev.writ.sidecar.capture.PodAddresses;
import dev.writ.sidecar.capture.ProbeVerticle;
import dev.writ.sidecar.control.ControlClient;
import dev.writ.sidecar.crypto.NativeEd25519;
import dev.writ.sidecar.crypto.NativeProvider;
import dev.writ.sidecar.crypto.NativeSigner;
import dev.writ.sidecar.disk.StateDirectory;
import dev.writ.sidecar.files.StandaloneFiles;
import dev.writ.sidecar.flow.Memory;
import dev.writ.sidecar.gate.GateParts;
import dev.writ.sidecar.gate.GateShared;
import dev.writ.sidecar.gate.GateVerticle;
import dev.writ.sidecar.gate.ListenException;
import dev.writ.sidecar.journal.AuditUnavailableException;
import dev.writ.sidecar.outbound.Helper;
import dev.writ.sidecar.state.RevocationKeeper;
import dev.writ.sidecar.state.SidecarState;
import dev.writ.sidecar.state.Snapshot;
import dev.writ.sidecar.work.Contexts;
import dev.writ.sidecar.work.Works;
import io.vertx.core.DeploymentOptions;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.file.FileSystemOptions;
import java.io.IOException;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Instant;
import java.util.Collections;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The running process: makes the parts, wires them, and takes them down in order. Part of {@code
 * main}'s wiring.
 */
final class Sidecar {
  private static final Logger LOG = LoggerFactory.getLogger(Sidecar.class);
  private static final int BOOT_BYTES = 8;

  /** Of them six are for bodies and calls at the gate, two at the helper, and so on. */
  private static final int HEAP_PARTS = 16;

  /** Replay windows, of all keys together; each is some 200 bytes. */
  private static final int MAX_WINDOWS = 32_768;

  /** Works that onward calls may belong to, and the length of what callers handed over for them. */
  private static final int MAX_WORKS = 16_384;

  private static final long MAX_CHAIN_CHARS = 2L << 20;

  private static final long REFRESH_MILLIS = 1_000;
  private static final long LOOK_MILLIS = 2_000;

  /** Apps commonly wait for some seconds before they end: callers need most of that to move on. */
  private static final long LEAVING_MILLIS = 250;

  private static final Path PROC = Path.of("/proc");
  private static final long DRAIN_SECONDS = 20;
  private static final long STEP_SECONDS = 10;

  private final Configuration configuration;
  private final Time time;
  private final Storage storage;
  private final Vertx vertx;
  private final String pod;
  private final Capture capture;
  private final Runnable restart;
  private final Leaving leaving;
  private final List<GateVerticle> gates = new CopyOnWriteArrayList<>();

  /** One thread that mostly sleeps: a timer of an event loop would wake that and a worker too. */
  private final ScheduledExecutorService upkeep =
      Executors.newSingleThreadScheduledExecutor(
          Thread.ofPlatform().name("upkeep").daemon().factory());

  private @Nullable Helper helper;
  private @Nullable ControlLink link;
  private volatile boolean stopping;

  private Sidecar(
      Configuration configuration,
      Time time,
      Storage storage,
      Leaving leaving,
      Vertx vertx,
      Runnable restart) {
    this.restart = restart;
    this.leaving = leaving;
    this.configuration = configuration;
    this.time = time;
    this.storage = storage;
    this.vertx = vertx;
    this.pod =
        configuration.source() instanceof Cluster cluster
            ? cluster.podNamespace() + "/" + cluster.podName()
            : "standalone";
    this.capture =
        new Capture(
            configuration.capture(),
            Capture.isWildcard(configuration.admin()),
            PodAddresses::all,
            PROC);
  }

  /**
   * Starts everything and returns once the ports are open.
   *
   * @param restart has the process end in order, so that another boot begins; returns at once
   * @throws StartException naming what could not be used; nothing is left running
   */
  static Sidecar start(Configuration configuration, Time time, Runnable restart)
      throws StartException {
    byte[] boot = new byte[BOOT_BYTES];
    new SecureRandom().nextBytes(boot);
    Storage storage = Storage.open(configuration, time, HexFormat.of().formatHex(boot));
    Sidecar sidecar =
        new Sidecar(configuration, time, storage, leaving(configuration), vertx(), restart);
    try {
      sidecar.startParts();
      return sidecar;
    } catch (StartException | RuntimeException e) {
      sidecar.close();
      throw e;
    }
  }

  private static Leaving leaving(Configuration configuration) throws StartException {
    try {
      return Leaving.of(configuration.stateDir());
    } catch (IOException e) {
      throw new StartException("couldn't use the state directory: " + e.getMessage(), e);
    }
  }

  private static Vertx vertx() {
    return Vertx.vertx(
        new VertxOptions()
            .setPreferNativeTransport(true)
            .setEventLoopPoolSize(loops())
            // No file is served: nothing is to be unpacked into a file system that may be
            // read-only.
            .setFileSystemOptions(
                new FileSystemOptions()
                    .setFileCachingEnabled(false)
                    .setClassPathResolvingEnabled(false)));
  }

  private static int loops() {
    return Runtime.getRuntime().availableProcessors();
  }

  private void startParts() throws StartException {
    Ed25519 ed25519 = NativeEd25519.best();
    NativeProvider.prefer();
    Meters meters = new Meters(ed25519.provider(), storage);
    PrivateKey key;
    SidecarState state;
    switch (configuration.source()) {
      case Standalone standalone -> {
        StandaloneFiles files =
            new StandaloneFiles(standalone, ed25519, time, keeper(), meters.registry());
        state = new SidecarState(files.first());
        key = files.key();
        every(REFRESH_MILLIS, REFRESH_MILLIS, () -> files.refresh(state));
      }
      case Cluster _ -> {
        state = new SidecarState(notEnrolled());
        key = PrivateKey.generate();
      }
    }
    recordStart();
    Works works = works(meters);
    Parts parts =
        new Parts(
            vertx,
            configuration,
            time,
            state,
            storage.boot(),
            key,
            ed25519,
            storage.journal(),
            works,
            storage.counting() instanceof Storage.Counting.Granted granted
                ? granted.counter()
                : null,
            meters.registry(),
            restart);
    if (!configuration.guards().isEmpty()) {
      startGate(parts, meters);
    }
    startCapture(meters);
    if (configuration.outbound() != null) {
      helper =
          await(
              Helper.start(
                  parts,
                  key == null ? null : NativeSigner.of(key),
                  memory(meters, "helper", 2, 1),
                  loops()),
              "couldn't start the helper");
    }
    // Last of what listens: the app starts as soon as it answers.
    Address admin = configuration.admin();
    if (admin != null) {
      AdminVerticle verticle = new AdminVerticle(admin, () -> notReady(state), meters.registry());
      await(vertx.deployVerticle(verticle), "couldn't listen on " + admin);
    }
    if (configuration.source() instanceof Cluster) {
      ControlLink control = ControlClient.of(parts);
      link = control;
      await(control.start(), "couldn't start the link to the operator");
    }
    LOG.atInfo()
        .addKeyValue("boot", storage.boot())
        .addKeyValue("pod", pod)
        .addKeyValue("native", vertx.isNativeTransportEnabled())
        .log("Started");
  }

  private static Works works(Meters meters) {
    Works works = new Works(new Contexts(new SecureRandom()), MAX_WORKS, MAX_CHAIN_CHARS);
    meters.works(works);
    return works;
  }

  private RevocationKeeper keeper() throws StartException {
    try {
      return RevocationKeeper.open(configuration.stateDir());
    } catch (IOException e) {
      throw new StartException("couldn't read the last revocation list: " + e.getMessage(), e);
    }
  }

  private Snapshot notEnrolled() {
    Listener none = new Listener(Set.of(), Protocol.HTTP);
    List<Listener> listeners = Collections.nCopies(configuration.guards().size(), none);
    return new Snapshot(0, null, new Revocations.None(), null, List.of(), listeners);
  }

  /** Does it again and again, off the event loops, until the process ends. */
  private void every(long delayMillis, long millis, Runnable work) {
    var _ =
        upkeep.scheduleWithFixedDelay(
            () -> {
              try {
                work.run();
              } catch (RuntimeException e) {
                LOG.atError().setCause(e).log("Couldn't look after files and the pod");
              }
            },
            delayMillis,
            millis,
            TimeUnit.MILLISECONDS);
  }

  private void recordStart() throws StartException {
    String uid = configuration.source() instanceof Cluster cluster ? cluster.podUid() : null;
    try {
      storage
          .journal()
          .append(
              new Entry.Start(
                  now(),
                  pod,
                  uid,
                  storage.journal().previousBoot(),
                  storage.journal().previousSeq()));
    } catch (AuditUnavailableException e) {
      throw new StartException(String.valueOf(e.getMessage()), e);
    }
  }

  private static GateShared shared(GateParts parts, Memory memory) throws StartException {
    try {
      return GateShared.of(parts, memory);
    } catch (IOException e) {
      throw new StartException(
          "couldn't read who owns tasks and sessions: " + StateDirectory.cause(e), e);
    }
  }

  /** Parts of the heap; at least two of the longest bodies. */
  private Memory memory(Meters meters, String side, int bodies, int flows) {
    long part = Runtime.getRuntime().maxMemory() / HEAP_PARTS;
    long bodyBytes = Math.max(bodies * part, 2L * configuration.bodyLimit());
    Memory memory = Memory.of(bodyBytes, flows * part, loops());
    meters.memory(side, memory);
    return memory;
  }

  private void startGate(Parts parts, Meters meters) throws StartException {
    Challenges challenges = new Challenges(new SecureRandom(), time.moment(), MAX_WINDOWS);
    Verifier verifier = new Verifier(parts.ed25519(), challenges, configuration.bodyLimit());
    parts
        .state()
        .onChange(
            snapshot -> {
              if (snapshot.trust() != null) {
                verifier.trust(snapshot.trust());
              }
            });
    PrivateKey key = parts.key();
    GateParts gateParts =
        new GateParts(
            configuration,
            time,
            parts.state(),
            verifier,
            challenges,
            storage.counting().counter(),
            storage.journal(),
            parts.meters(),
            parts.works(),
            key == null ? null : key.publicKey(),
            pod,
            capture,
            leaving);
    GateShared shared = shared(gateParts, memory(meters, "gate", 6, 2));
    await(
        vertx.deployVerticle(
            () -> {
              GateVerticle gate = new GateVerticle(gateParts, shared);
              gates.add(gate);
              return gate;
            },
            new DeploymentOptions().setInstances(loops())),
        "couldn't start the gate");
  }

  private void startCapture(Meters meters) throws StartException {
    Address listen = capture.probeListen(configuration.admin());
    if (listen != null) {
      ProbeVerticle probes = ProbeVerticle.of(listen, configuration.capture().probes());
      await(vertx.deployVerticle(probes), "couldn't answer probes on " + listen);
    }
    Runnable looked = capture.measure(meters.registry());
    every(
        0,
        LOOK_MILLIS,
        () -> {
          capture.look();
          looked.run();
        });
    every(LEAVING_MILLIS, LEAVING_MILLIS, leaving::look);
  }

  private @Nullable String notReady(SidecarState state) {
    if (stopping) {
      return "stopping";
    }
    if (state.current().trust() == null) {
      return "not enrolled yet";
    }
    if (!storage.journal().healthy()) {
      return "records cannot be journalled";
    }
    return capture.exposed();
  }

  /**
   * Stops accepting, lets calls in flight end, writes the last record and ships it. Never throws.
   */
  void stop() {
    stopping = true;
    LOG.atInfo().log("Stopping");
    quietly(
        Future.all(gates.stream().map(gate -> gate.drain(DRAIN_SECONDS)).toList()),
        DRAIN_SECONDS + 2);
    Helper outbound = helper;
    if (outbound != null) {
      quietly(outbound.stop(), Helper.DRAIN_SECONDS + 2);
    }
    try {
      storage.journal().append(new Entry.Stop(now(), pod));
    } catch (AuditUnavailableException e) {
      LOG.atError().addKeyValue("cause", e.getMessage()).log("Couldn't record the stop");
    }
    ControlLink control = link;
    if (control != null) {
      quietly(control.stop(), STEP_SECONDS);
    }
    close();
    LOG.atInfo().log("Stopped");
  }

  private void close() {
    // Not now: what is under way may be writing to the state directory.
    upkeep.shutdown();
    quietly(vertx.close(), STEP_SECONDS);
    storage.close();
  }

  private Instant now() {
    return Instant.ofEpochMilli(time.epochMillis());
  }

  private static void quietly(Future<?> future, long seconds) {
    try {
      future.toCompletionStage().toCompletableFuture().get(seconds, TimeUnit.SECONDS);
    } catch (ExecutionException | TimeoutException e) {
      LOG.atWarn()
          .addKeyValue("cause", e.toString())
          .log("Couldn't finish a step of stopping in order");
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    }
  }

  /** Waits for a step of starting; {@code what} goes before a cause that does not say it itself. */
  private static <T> T await(Future<T> future, String what) throws StartException {
    try {
      return future.toCompletionStage().toCompletableFuture().get();
    } catch (ExecutionException e) {
      throw switch (e.getCause()) {
        case StartException start -> start;
        case ListenException listen ->
            new StartException(String.valueOf(listen.getMessage()), listen);
        case null -> new StartException(what, e);
        case Throwable other -> new StartException(what + ": " + other.getMessage(), other);
      };
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new StartException("couldn't start: interrupted", e);
    }
  }
}

package dev.writ.sidecar.outbound;

import dev.writ.contract.key.Signer;
import dev.writ.sidecar.Address;
import dev.writ.sidecar.Configuration;
import dev.writ.sidecar.Parts;
import dev.writ.sidecar.StartException;
import dev.writ.sidecar.flow.Memory;
import io.vertx.core.DeploymentOptions;
import io.vertx.core.Future;
import java.net.InetAddress;
import java.net.UnknownHostException;
import org.jspecify.annotations.Nullable;

/**
 * The outbound helper of the process. The app reaches it as its HTTP proxy, or calls it directly
 * and names the service in {@code Host}. (architecture.md, Flow 3)
 */
public final class Helper {
  /** How long calls in flight have to end. */
  public static final long DRAIN_SECONDS = 20;

  private final Parts parts;
  private final Address listen;
  private final Signer key;
  private final Memory memory;
  private final @Nullable ContractsDirectory directory;
  private @Nullable String deployment;

  private Helper(
      Parts parts,
      Address listen,
      Signer key,
      Memory memory,
      @Nullable ContractsDirectory directory) {
    this.parts = parts;
    this.listen = listen;
    this.key = key;
    this.memory = memory;
    this.directory = directory;
  }

  /**
   * Listens on {@code WRIT_OUTBOUND}, once per event loop.
   *
   * @param parts of the process, with an outbound address
   * @param key own key, null when there is none: then the helper does not start
   * @param memory for what the app sends and what it does not take
   * @param loops how many event loops share the work
   * @return completes when the port is open; fails with {@link StartException} when it cannot be
   */
  public static Future<Helper> start(Parts parts, @Nullable Signer key, Memory memory, int loops) {
    Address listen = parts.configuration().outbound();
    if (listen == null) {
      return refuse("it is not set");
    }
    if (key == null) {
      return refuse("WRIT_KEY_FILE is not set: without a key nothing can be signed");
    }
    if (!isLoopback(listen.host())) {
      return refuse(
          listen
              + " is not a loopback address: whoever reaches the helper calls in this workload's"
              + " name");
    }
    try {
      Helper helper = new Helper(parts, listen, key, memory, ContractsDirectory.of(parts));
      return helper.open(loops).map(helper);
    } catch (StartException e) {
      return Future.failedFuture(e);
    }
  }

  private Future<Void> open(int loops) {
    Configuration configuration = parts.configuration();
    boolean cluster = configuration.source() instanceof Configuration.Cluster;
    HelperMeters meters = new HelperMeters(parts.meters());
    CallContext context =
        new CallContext(
            parts.state(),
            parts.time(),
            key,
            key.publicKey().thumbprint(),
            new Replicas(),
            new IdentityCheck(parts.ed25519(), cluster),
            new Deputy(parts.works(), key.publicKey(), configuration.deputy()),
            new Delegations(key, meters),
            meters);
    DelegationEndpoint endpoint = new DelegationEndpoint(context.delegations(), parts.ed25519());
    Route.Table routes = new Route.Table(configuration.hosts(), names(configuration), listen);
    return parts
        .vertx()
        .deployVerticle(
            () ->
                new HelperLoop(
                    context, routes, endpoint, listen, configuration.bodyLimit(), memory),
            new DeploymentOptions().setInstances(loops))
        .recover(cause -> refuse(String.valueOf(cause.getMessage())))
        .map(
            id -> {
              deployment = id;
              return null;
            });
  }

  private static ServiceNames names(Configuration configuration) {
    return switch (configuration.source()) {
      case Configuration.Cluster cluster ->
          new ServiceNames(configuration.trustDomain(), cluster.podNamespace());
      case Configuration.Standalone _ -> new ServiceNames(configuration.trustDomain(), null);
    };
  }

  /** Stops listening, lets calls in flight end, and closes all connections. */
  public Future<Void> stop() {
    if (directory != null) {
      directory.close();
    }
    String id = deployment;
    deployment = null;
    return id == null ? Future.succeededFuture() : parts.vertx().undeploy(id);
  }

  /** An address, not a name: a name could come to mean another address later. */
  private static boolean isLoopback(String host) {
    if (host.equals("localhost")) {
      return true;
    }
    if (host.indexOf(':') < 0 && !host.matches("[0-9.]+")) {
      return false;
    }
    try {
      return InetAddress.getByName(host).isLoopbackAddress();
    } catch (UnknownHostException e) {
      return false;
    }
  }

  private static <T> Future<T> refuse(String cause) {
    return Future.failedFuture(
        new StartException("couldn't start the outbound helper (WRIT_OUTBOUND): " + cause));
  }
}

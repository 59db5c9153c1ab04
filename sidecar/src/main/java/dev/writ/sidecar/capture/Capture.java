package dev.writ.sidecar.capture;

import dev.writ.contract.Names;
import dev.writ.sidecar.Address;
import dev.writ.sidecar.capture.CaptureSettings.Mode;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.MultiGauge;
import io.micrometer.core.instrument.Tags;
import java.net.InetAddress;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * What capture means to the rest of the sidecar: where to listen, and whether the app can be
 * reached past it. Thread-safe.
 */
public final class Capture {
  private static final Set<String> WILDCARDS = Set.of("::", "0.0.0.0");

  private final CaptureSettings settings;
  private final Supplier<List<InetAddress>> addresses;
  private final @Nullable Sentinel sentinel;

  /**
   * Made once at start.
   *
   * @param ownNetwork whether this process shares its network with its app alone, as in a pod
   * @param addresses of this network, loopback among them
   * @param proc root of procfs
   */
  public Capture(
      CaptureSettings settings,
      boolean ownNetwork,
      Supplier<List<InetAddress>> addresses,
      Path proc) {
    this.settings = settings;
    this.addresses = addresses;
    this.sentinel = ownNetwork && settings.mode() != Mode.NONE ? new Sentinel(proc) : null;
  }

  /** Whether the address means all addresses. */
  public static boolean isWildcard(@Nullable Address address) {
    return address != null && WILDCARDS.contains(address.host());
  }

  /**
   * The sockets behind a configured address. A socket on {@code [::]} would take the port from the
   * app on 127.0.0.1 too, so in loopback mode it is one for each address but loopback.
   */
  public List<Address> sockets(Address listen) {
    if (settings.mode() != Mode.LOOPBACK || !isWildcard(listen)) {
      return List.of(listen);
    }
    List<Address> sockets = new ArrayList<>();
    for (InetAddress address : addresses.get()) {
      if (!address.isLoopbackAddress() && !address.isLinkLocalAddress()) {
        sockets.add(new Address(unscoped(address), listen.port()));
      }
    }
    return sockets;
  }

  /** The kernel names the interface of an IPv6 address too; outside link-local it means nothing. */
  private static String unscoped(InetAddress address) {
    return address.getHostAddress().split("%", 2)[0];
  }

  /**
   * Where the app's probes are answered; null where nobody can come. The rules of {@code redirect}
   * let that port in whether there are probes or not, since who writes them does not know: so it is
   * taken in any case, before an app could have it.
   *
   * @param admin where health and metrics are
   */
  public @Nullable Address probeListen(@Nullable Address admin) {
    Address given = settings.probeListen();
    return given == null && admin != null && sentinel != null && settings.mode() == Mode.REDIRECT
        ? new Address(admin.host(), Names.PROBE_PORT)
        : given;
  }

  /** Looks for listeners of others; blocks. Does nothing where the network is not our own. */
  public void look() {
    if (sentinel != null) {
      sentinel.look();
    }
  }

  /** Why the pod must not be ready, null when nothing speaks against it. */
  public @Nullable String exposed() {
    return sentinel != null && settings.mode() == Mode.LOOPBACK ? sentinel.exposed() : null;
  }

  /** Whether calls are refused because the app can be reached past the gate. */
  public boolean refuses() {
    return settings.refuseExposed() && exposed() != null;
  }

  /**
   * What can be said of this pod from inside: {@code Present}, or {@code Verified} once nothing
   * speaks against it. In redirect mode the app was started only after its capture was proved.
   */
  public String level() {
    return switch (settings.mode()) {
      case NONE -> "Present";
      case REDIRECT -> "Verified";
      case LOOPBACK -> sentinel != null && sentinel.exposed() == null ? "Verified" : "Present";
    };
  }

  /** Registers what is known. Returns what to run after each {@link #look}. */
  public Runnable measure(MeterRegistry registry) {
    for (String level : List.of("Present", "Verified")) {
      Gauge.builder("writ.capture.level", this, capture -> capture.level().equals(level) ? 1 : 0)
          .description("How far it is known that nothing goes past the gate")
          .tag("level", level)
          .tag("mode", settings.mode().name().toLowerCase(Locale.ROOT))
          .register(registry);
    }
    MultiGauge foreign =
        MultiGauge.builder("writ.app.listeners")
            .description("Sockets of others in this pod on addresses but loopback")
            .register(registry);
    return () -> foreign.register(rows().toList(), true);
  }

  private Stream<MultiGauge.Row<?>> rows() {
    Set<String> found = sentinel == null ? Set.of() : sentinel.foreign();
    return found.stream()
        .limit(64)
        .map(
            socket ->
                MultiGauge.Row.of(
                    Tags.of(
                        "protocol",
                        socket.substring(0, 3),
                        "port",
                        socket.substring(socket.lastIndexOf(':') + 1),
                        "address",
                        socket.substring(4)),
                    1));
  }
}

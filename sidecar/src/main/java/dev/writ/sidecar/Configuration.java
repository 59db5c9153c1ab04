package dev.writ.sidecar;

import dev.writ.contract.SpiffeId;
import dev.writ.contract.verify.Protocol;
import dev.writ.sidecar.capture.CaptureSettings;
import java.net.URI;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Everything the environment says, read once at start. (architecture.md, Configuration)
 *
 * @param source where trust, revocations, identity and contracts come from; also tells the mode
 * @param guards one per captured port, in the order of {@code WRIT_LISTEN}; empty only with a
 *     helper
 * @param enforcement what a refusal does
 * @param deputy what the helper may do besides what callers delegated
 * @param bodyLimit largest request body in bytes
 * @param answers what the gate does to answers
 * @param stateDir journals and counters; one process at a time
 * @param trustDomain of the workload ids and of the names that the helper resolves
 * @param outbound listen address of the helper, null for a gate alone
 * @param admin address of health and metrics, null for none
 * @param hosts static names for the helper: {@code name:port} to the address to connect to
 * @param capture how calls get here
 */
public record Configuration(
    Source source,
    List<Guard> guards,
    Enforcement enforcement,
    Deputy deputy,
    int bodyLimit,
    Answers answers,
    Path stateDir,
    String trustDomain,
    @Nullable Address outbound,
    @Nullable Address admin,
    Map<Address, Address> hosts,
    CaptureSettings capture) {

  /** Default of {@code WRIT_BODY_LIMIT}, bytes. */
  public static final int DEFAULT_BODY_LIMIT = 1 << 20;

  /** Largest {@code WRIT_BODY_LIMIT}, bytes. (protocol.md, section 2) */
  public static final int MAX_BODY_LIMIT = 10 << 20;

  public Configuration {
    guards = List.copyOf(guards);
    hosts = Map.copyOf(hosts);
    if (guards.isEmpty() && outbound == null) {
      throw new IllegalArgumentException("guards is empty, and there is no helper either");
    }
  }

  /** What a refusal does to the call. */
  public enum Enforcement {
    /** It is refused. */
    ENFORCE,
    /**
     * It is recorded and goes on (shadow mode); framing errors are refused all the same.
     * (protocol.md, section 4)
     */
    AUDIT
  }

  /** In whose name the helper calls. (docs/delegation.md) */
  public enum Deputy {
    /** With what the caller handed over where that grants the call; else with own contracts. */
    CALLER_FIRST,
    /** With what callers handed over and with nothing else. */
    CALLER_ONLY
  }

  /**
   * What the gate does to answers. (actions.md, Streaming responses)
   *
   * @param responseSeconds how long the app may take to begin one, 0 for as long as it likes
   * @param idleSeconds how long one that has begun may stand still, 0 for as long as it likes
   * @param grantedListsOnly whether lists of MCP name what the caller may use and nothing else
   */
  public record Answers(int responseSeconds, int idleSeconds, boolean grantedListsOnly) {
    /** No bound to when an answer begins; an hour of silence ends it; lists are whole. */
    public static final Answers DEFAULT = new Answers(0, 3_600, false);

    /** Longest time that can be set, seconds. */
    public static final int MAX_SECONDS = 86_400;
  }

  /**
   * One captured port.
   *
   * @param listen where calls arrive
   * @param upstream where the app listens
   * @param containerPort the pod's port that this one stands for; in standalone mode the port of
   *     {@code listen}
   */
  public record Guard(Address listen, Address upstream, int containerPort) {}

  /** The mode and what only that mode has. */
  public sealed interface Source {}

  /**
   * {@code WRIT_MODE=standalone}: files on this machine.
   *
   * @param services the service each guard stands for, same order and length as the guards
   * @param protocols the protocol of each guard, same order and length
   * @param trustFile JWKS of issuer keys
   * @param revocationsFile signed revocation list, or null for none configured
   * @param identityFile own identity credential, or null
   * @param keyFile own key as JWK, or null
   * @param contractsDir contracts of the helper ({@code *.jws}), or null
   */
  public record Standalone(
      List<SpiffeId> services,
      List<Protocol> protocols,
      Path trustFile,
      @Nullable Path revocationsFile,
      @Nullable Path identityFile,
      @Nullable Path keyFile,
      @Nullable Path contractsDir)
      implements Source {
    public Standalone {
      services = List.copyOf(services);
      protocols = List.copyOf(protocols);
    }
  }

  /**
   * {@code WRIT_MODE=cluster}: everything comes from the operator.
   *
   * @param operator {@code https://host:port}
   * @param tokenFile projected service account token, read again before each use
   * @param caFile PEM certificates that the operator's certificate must chain to
   * @param podNamespace namespace of this pod
   * @param podName name of this pod
   * @param podUid UID of this pod
   */
  public record Cluster(
      URI operator, Path tokenFile, Path caFile, String podNamespace, String podName, String podUid)
      implements Source {}
}

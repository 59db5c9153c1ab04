package dev.writ.operator.capability;

import dev.writ.contract.SpiffeId;
import dev.writ.contract.document.Limits;
import dev.writ.contract.document.Rule;
import java.util.List;
import java.util.OptionalLong;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * What an accepted capability grants: everything that its contracts say, but for the holder.
 *
 * @param subject who this is
 * @param source workload that may call
 * @param outside set when the source is an agent outside the cluster
 * @param target service that may be called
 * @param port the only port of the service that is meant; null: every one
 * @param rules in the order of the spec
 * @param limits may be {@link Limits#NONE}
 * @param notBefore epoch second; empty: from now on
 * @param notAfter epoch second from which on nothing is granted; empty: no end
 * @param delegation how far and to whom it may be handed on
 * @param base whether base-protocol messages are allowed
 * @param auditSync whether a call waits for the log to have its record
 * @param terminateOnExpiry whether answers under way end with the contract
 * @param suspended whether it is revoked until further notice
 */
public record Terms(
    Subject subject,
    SpiffeId source,
    @Nullable Outside outside,
    SpiffeId target,
    @Nullable String port,
    List<Rule> rules,
    Limits limits,
    OptionalLong notBefore,
    OptionalLong notAfter,
    Delegable delegation,
    boolean base,
    boolean auditSync,
    boolean terminateOnExpiry,
    boolean suspended) {

  /** Copies. */
  public Terms {
    rules = List.copyOf(rules);
  }

  /**
   * The AgentCapability behind it.
   *
   * @param cid its UID
   * @param generation of the spec
   * @param createdAt epoch second
   */
  public record Subject(
      String namespace, String name, String cid, long generation, long createdAt) {}

  /**
   * How far and to whom a capability may be handed on.
   *
   * @param maxDepth how many times in a row, 0 = not at all
   * @param to workloads that may receive it, at any depth
   */
  public record Delegable(int maxDepth, List<SpiffeId> to) {
    /** Not at all. */
    public static final Delegable NO = new Delegable(0, List.of());

    /** Copies. */
    public Delegable {
      to = List.copyOf(to);
    }
  }

  /** The actions of the rules, each once, in their order. */
  public List<String> actions() {
    return rules.stream().map(Rule::action).distinct().toList();
  }

  /**
   * The protocols of the rules, each once: {@code http}, {@code mcp}, {@code a2a}, {@code grpc}.
   */
  public List<String> protocols() {
    return rules.stream().map(rule -> KindProblems.word(rule.match())).distinct().toList();
  }

  /** Whether a contract minted now would be of use. */
  public boolean validAt(long now) {
    return !expiredAt(now) && now >= notBefore.orElse(Long.MIN_VALUE);
  }

  /** Whether its end has passed. */
  public boolean expiredAt(long now) {
    return now >= notAfter.orElse(Long.MAX_VALUE);
  }

  /** The next moment at which the clock alone changes what is granted, epoch second. */
  public OptionalLong nextTurn(long now) {
    return Stream.of(notBefore, notAfter)
        .flatMapToLong(OptionalLong::stream)
        .filter(turn -> turn > now)
        .min();
  }
}

package dev.writ.contract.document;

import dev.writ.contract.MalformedException;
import dev.writ.contract.SpiffeId;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * How a delegation narrows what its parent grants (protocol.md, Delegation). What is not said stays
 * as the parent has it.
 *
 * @param actions some of the parent's; empty: all of them
 * @param arguments constraints by action, on top of the ancestors'
 * @param limits limits of its own; the ancestors' hold all the same
 * @param maxDepth how deep descendants may be, counted from the root; empty: as the parent
 * @param delegateTo workload ids; empty: as the parent
 */
public record Attenuation(
    Optional<List<String>> actions,
    Map<String, List<Constraint>> arguments,
    Limits limits,
    OptionalLong maxDepth,
    Optional<List<String>> delegateTo) {
  /** Takes nothing away. */
  public static final Attenuation NONE =
      new Attenuation(
          Optional.empty(), Map.of(), Limits.NONE, OptionalLong.empty(), Optional.empty());

  /** Copies. */
  public Attenuation {
    actions = actions.map(List::copyOf);
    delegateTo = delegateTo.map(List::copyOf);
    Map<String, List<Constraint>> copy = new LinkedHashMap<>();
    arguments.forEach((action, constraints) -> copy.put(action, List.copyOf(constraints)));
    arguments = Collections.unmodifiableMap(copy);
  }

  /**
   * Takes {@code actions}, {@code arguments}, {@code limits}, {@code del_max_depth} and {@code
   * del_to} of an object, each optional and of the form that it has in a delegation.
   */
  public static Attenuation read(Members members) throws MalformedException {
    Optional<List<String>> actions =
        members.has("actions") ? Optional.of(Claims.actions(members)) : Optional.empty();
    Map<String, List<Constraint>> arguments = new LinkedHashMap<>();
    if (members.has("arguments")) {
      Members byAction = members.object("arguments");
      for (String action : List.copyOf(byAction.names())) {
        arguments.put(action, Rule.constraints(byAction, action));
      }
      byAction.end();
    }
    Limits limits = members.has("limits") ? Limits.read(members.object("limits")) : Limits.NONE;
    OptionalLong maxDepth =
        members.has("del_max_depth")
            ? OptionalLong.of(members.integer("del_max_depth", 0, Members.MAX))
            : OptionalLong.empty();
    Optional<List<String>> delegateTo =
        members.has("del_to")
            ? Optional.of(Claims.texts(members.ids("del_to", SpiffeId.Kind.SERVICE_ACCOUNT)))
            : Optional.empty();
    return new Attenuation(actions, arguments, limits, maxDepth, delegateTo);
  }
}

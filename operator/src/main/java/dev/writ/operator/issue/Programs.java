package dev.writ.operator.issue;

import dev.writ.contract.SpiffeId;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** All accepted capabilities by cid, and the namespace of every one that was seen. Thread-safe. */
public final class Programs {
  private final Map<String, Program> byCid = new ConcurrentHashMap<>();
  private final Map<String, Place> places = new ConcurrentHashMap<>();

  /** Where a capability is. */
  public record Place(String namespace, String name) {}

  /** The capability exists, accepted or not. */
  public void seen(String cid, Place place) {
    places.put(cid, place);
  }

  /** All that were seen and are not gone. */
  public Set<String> seen() {
    return Set.copyOf(places.keySet());
  }

  /** Where the capability is, if it was seen. */
  public Optional<Place> place(String cid) {
    return Optional.ofNullable(places.get(cid));
  }

  /** The capability is accepted. */
  public void put(Program program) {
    byCid.put(program.terms().subject().cid(), program);
  }

  /** The capability grants nothing any more. */
  public void withdraw(String cid) {
    byCid.remove(cid);
  }

  /** The capability is gone. */
  public void remove(String cid) {
    byCid.remove(cid);
    places.remove(cid);
  }

  /** The program of that cid. */
  public Optional<Program> get(String cid) {
    return Optional.ofNullable(byCid.get(cid));
  }

  /** All of them. */
  public Collection<Program> all() {
    return List.copyOf(byCid.values());
  }

  /** Those whose contracts the workload holds; of an agent outside the cluster none is a pod's. */
  public List<Program> of(SpiffeId source) {
    return byCid.values().stream()
        .filter(program -> program.terms().outside() == null)
        .filter(program -> program.terms().source().equals(source))
        .toList();
  }
}

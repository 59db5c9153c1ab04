package dev.writ.contract.scan;

import dev.writ.contract.MalformedException;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Collection;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Ports of one protocol, immutable; written as ascending ranges without gaps between them, as in
 * {@code 80,8080-8081}: short even when all are open.
 */
public final class PortSet {
  /** The greatest port. */
  public static final int LAST = 65_535;

  /** No port. */
  public static final PortSet NONE = new PortSet(new BitSet());

  private final BitSet ports;

  private PortSet(BitSet ports) {
    this.ports = ports;
  }

  /**
   * These ports.
   *
   * @throws IllegalArgumentException when one is no port
   */
  public static PortSet of(Collection<Integer> ports) {
    BitSet set = new BitSet();
    for (int port : ports) {
      if (port < 1 || port > LAST) {
        throw new IllegalArgumentException(port + " is not within 1 to " + LAST);
      }
      set.set(port);
    }
    return new PortSet(set);
  }

  /** Reads what {@link #toString} wrote, and nothing else. */
  public static PortSet parse(String text) throws MalformedException {
    BitSet set = new BitSet();
    if (text.isEmpty()) {
      return NONE;
    }
    int end = -1;
    for (String range : text.split(",", -1)) {
      String[] ends = range.split("-", -1);
      int first = port(ends[0]);
      int last = ends.length == 1 ? first : port(ends[1]);
      if (ends.length > 2 || (ends.length == 2 && last <= first) || first <= end + 1) {
        throw new MalformedException("ports: \"" + range + "\" is not the next range");
      }
      set.set(first, last + 1);
      end = last;
    }
    return new PortSet(set);
  }

  private static int port(String text) throws MalformedException {
    boolean digits =
        !text.isEmpty()
            && text.length() <= 5
            && text.charAt(0) != '0'
            && text.chars().allMatch(c -> c >= '0' && c <= '9');
    int port = digits ? Integer.parseInt(text) : -1;
    if (port < 1 || port > LAST) {
      throw new MalformedException("ports: \"" + text + "\" is no port");
    }
    return port;
  }

  /** How many there are. */
  public int size() {
    return ports.cardinality();
  }

  /** Whether the port is one of them. */
  public boolean contains(int port) {
    return port >= 0 && ports.get(port);
  }

  /** Those that are not among the others. */
  public PortSet without(PortSet others) {
    BitSet rest = (BitSet) ports.clone();
    rest.andNot(others.ports);
    return new PortSet(rest);
  }

  /** Ascending. */
  public IntStream stream() {
    return ports.stream();
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof PortSet set && ports.equals(set.ports);
  }

  @Override
  public int hashCode() {
    return ports.hashCode();
  }

  /** The form that {@link #parse} reads. */
  @Override
  public String toString() {
    List<String> ranges = new ArrayList<>();
    for (int first = ports.nextSetBit(0); first >= 0; first = ports.nextSetBit(first)) {
      int end = ports.nextClearBit(first);
      ranges.add(first == end - 1 ? "" + first : first + "-" + (end - 1));
      first = end;
    }
    return String.join(",", ranges);
  }
}

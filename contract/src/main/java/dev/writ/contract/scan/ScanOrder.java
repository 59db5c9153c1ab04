package dev.writ.contract.scan;

import dev.writ.contract.MalformedException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * What to try from outside: every TCP port of each address.
 *
 * @param addresses numeric, of one pod
 * @param gates where its gate should answer
 * @param witnesses other ports that should be open: as long as one of these or of the gates can be
 *     reached, silence of the rest means something
 * @param perSecond how many connections that nobody may answer are begun in a second
 */
public record ScanOrder(List<String> addresses, PortSet gates, PortSet witnesses, int perSecond) {
  /** Argument of the sidecar's program that has it carry out an order. */
  public static final String ARGUMENT = "scan";

  /** Variable of {@link #addresses}, separated by commas. */
  public static final String ADDRESSES = "WRIT_SCAN_ADDRESSES";

  /** Variable of {@link #gates}; left out when there are none. */
  public static final String GATES = "WRIT_SCAN_GATES";

  /** Variable of {@link #witnesses}; left out when there are none. */
  public static final String WITNESSES = "WRIT_SCAN_WITNESSES";

  /** Variable of {@link #perSecond}. */
  public static final String RATE = "WRIT_SCAN_RATE";

  /**
   * Unless told otherwise. What nobody answers stays in a node's connection table for two minutes:
   * that is 60,000 entries at most, of the 131,072 that the smallest nodes have.
   */
  public static final int DEFAULT_RATE = 500;

  /** Bounds of {@link #perSecond}. */
  public static final int MIN_RATE = 50;

  /** Bounds of {@link #perSecond}: more would be awaited at a time than programs may open files. */
  public static final int MAX_RATE = 4_000;

  private static final String PREFIX = "WRIT_SCAN_";
  private static final int MAX_ADDRESS = 45;

  /** Copies and checks. */
  public ScanOrder {
    addresses = List.copyOf(addresses);
    if (addresses.isEmpty()) {
      throw new IllegalArgumentException("addresses is empty");
    }
    if (perSecond < MIN_RATE || perSecond > MAX_RATE) {
      throw new IllegalArgumentException("perSecond is not within " + MIN_RATE + " to " + MAX_RATE);
    }
  }

  /** As variables of a container. */
  public Map<String, String> variables() {
    Map<String, String> variables = new LinkedHashMap<>();
    variables.put(ADDRESSES, String.join(",", addresses));
    if (gates.size() > 0) {
      variables.put(GATES, gates.toString());
    }
    if (witnesses.size() > 0) {
      variables.put(WITNESSES, witnesses.toString());
    }
    variables.put(RATE, String.valueOf(perSecond));
    return variables;
  }

  /**
   * Reads what {@link #variables} wrote.
   *
   * @param environment others than {@code WRIT_SCAN_} are passed over
   * @throws MalformedException naming the variable that is wrong, missing or unknown
   */
  public static ScanOrder parse(Map<String, String> environment) throws MalformedException {
    for (String name : environment.keySet()) {
      if (name.startsWith(PREFIX) && !Set.of(ADDRESSES, GATES, WITNESSES, RATE).contains(name)) {
        throw new MalformedException(name + " is not a variable of a scan; remove it");
      }
    }
    String[] addresses = environment.getOrDefault(ADDRESSES, "").split(",", -1);
    for (String address : addresses) {
      if (address.isEmpty()
          || address.length() > MAX_ADDRESS
          || !address.chars().allMatch(c -> "0123456789abcdef:.".indexOf(c) >= 0)) {
        throw new MalformedException(ADDRESSES + ": \"" + address + "\" is no address");
      }
    }
    String rate = environment.getOrDefault(RATE, "");
    if (!rate.matches("[1-9][0-9]{1,4}")) {
      throw new MalformedException(RATE + ": \"" + rate + "\" is no number in range");
    }
    try {
      return new ScanOrder(
          List.of(addresses),
          PortSet.parse(environment.getOrDefault(GATES, "")),
          PortSet.parse(environment.getOrDefault(WITNESSES, "")),
          Integer.parseInt(rate));
    } catch (IllegalArgumentException e) {
      throw new MalformedException(RATE + ": " + e.getMessage());
    }
  }

  /** How long carrying it out takes when nobody answers, seconds. */
  public int usualSeconds() {
    // Silence is awaited a few times, and gates are asked.
    return addresses.size() * (PortSet.LAST / perSecond + 15);
  }

  /** After which something is wrong, seconds: a machine may be busy, and answers slow. */
  public int seconds() {
    return addresses.size() * (3 * (PortSet.LAST / perSecond) + 240);
  }
}

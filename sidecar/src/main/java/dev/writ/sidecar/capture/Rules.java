package dev.writ.sidecar.capture;

import dev.writ.contract.Names;
import java.util.List;
import java.util.TreeSet;
import java.util.stream.Collectors;

/**
 * The nftables rules of {@code redirect}, as text. One table for both families, replaced whole in
 * one transaction: there is no moment without rules, and nothing to be left over of older ones.
 * (injection.md, Capture)
 */
final class Rules {
  /** An interface that exists only while the rules are tried. */
  static final String TRIAL_INTERFACE = "writ-a";

  static final String TRIAL_TABLE = "writ_trial";

  /** By number: nft looks a name up in a file that a small image does not have. */
  private static final int ICMP = 1;

  private static final int ICMPV6 = 58;

  private Rules() {}

  /**
   * The rules for these ports. Nothing is sent out by a rule and nobody is exempt by user: what an
   * app sends is not touched. Answers need nothing, the kernel knows their connection.
   *
   * @param ports of the app, in the order of the sidecar's listeners
   */
  static String of(List<Integer> ports) {
    return text(ports, "");
  }

  /** The same rules, and the replies of a trial let in. */
  static String onTrial(List<Integer> ports) {
    // Both ends of the trial are in this pod: seen as one connection, it would never be redirected.
    return text(ports, "    iifname \"" + TRIAL_INTERFACE + "\" accept\n")
        + """
        table inet %1$s {
          chain output {
            type filter hook output priority raw; policy accept;
            oifname "%2$s" notrack
          }
          chain prerouting {
            type filter hook prerouting priority raw; policy accept;
            iifname "%2$s" notrack
          }
        }
        """
            .formatted(TRIAL_TABLE, TRIAL_INTERFACE);
  }

  private static String text(List<Integer> ports, String trial) {
    StringBuilder redirects = new StringBuilder();
    TreeSet<Integer> listeners = new TreeSet<>();
    for (int n = 0; n < ports.size(); n++) {
      redirects.append(redirect(ports.get(n), Names.CAPTURED_PORT + n));
      listeners.add(Names.CAPTURED_PORT + n);
    }
    redirects.append(redirect(Names.PROVING_PORT, Names.ADMIN_PORT));
    listeners.add(Names.ADMIN_PORT);
    String redirected = listeners.stream().map(String::valueOf).collect(Collectors.joining(", "));
    return """
    add table inet writ
    delete table inet writ
    table inet writ {
      chain prerouting {
        type nat hook prerouting priority dstnat; policy accept;
    %s  }
      chain input {
        type filter hook input priority filter; policy drop;
        iifname "lo" accept
        ct state established accept
        meta l4proto { %d, %d } accept
    %s    ct status dnat tcp dport { %s } accept
        tcp dport { %d, %d } accept
      }
    }
    """
        .formatted(redirects, ICMP, ICMPV6, trial, redirected, Names.ADMIN_PORT, Names.PROBE_PORT);
  }

  private static String redirect(int port, int listener) {
    return "    iifname != \"lo\" tcp dport " + port + " redirect to :" + listener + "\n";
  }
}

package dev.writ.audit;

import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What the operator itself did, in the same log as what gates decided (audit.md, Record): whoever
 * reads the log sees who could call, how often, and when that ended.
 */
public sealed interface OperatorEntry extends Entry {
  /** Longest counter path: five cids and the slashes between them. */
  int MAX_PATH = 184;

  /** The word for it in records. */
  default String kind() {
    return switch (this) {
      case Issue issue -> "issue";
      case Revoke revoke -> "revoke";
      case Rotate rotate -> "rotate";
      case Grant grant -> "grant";
      case Settle settle -> "settle";
    };
  }

  /**
   * A sidecar enrolled: from now on this key is this pod, and holds these contracts.
   *
   * @param holder {@code <namespace>/<name>} of the pod; of an agent outside the cluster its name
   * @param uid of the pod, null outside the cluster
   * @param sub workload id
   * @param jkt thumbprint of its key
   * @param services ids of the services it guards
   */
  record Issue(
      Instant time,
      String pod,
      String holder,
      @Nullable String uid,
      String sub,
      String jkt,
      List<String> services,
      List<Contract> contracts)
      implements OperatorEntry {
    public Issue {
      services = List.copyOf(services);
      contracts = List.copyOf(contracts);
    }
  }

  /**
   * A contract that was signed.
   *
   * @param cid of the capability
   * @param name of the capability, {@code <namespace>/<name>}
   * @param gen of the capability
   * @param jti this instance
   * @param exp epoch seconds at which it ends
   */
  record Contract(String cid, String name, long gen, String jti, long exp) {}

  /**
   * What a signed revocation list says that the one before did not.
   *
   * @param list its sequence number
   * @param cids capabilities and delegations that are dead from now on
   * @param jtis contracts and delegations that are
   * @param jkts thumbprints of keys, all contracts of which are
   * @param gens capabilities whose contracts below a generation are dead from now on
   */
  record Revoke(
      Instant time,
      String pod,
      long list,
      List<String> cids,
      List<String> jtis,
      List<String> jkts,
      List<Generation> gens)
      implements OperatorEntry {
    public Revoke {
      cids = List.copyOf(cids);
      jtis = List.copyOf(jtis);
      jkts = List.copyOf(jkts);
      gens = List.copyOf(gens);
    }
  }

  /** A capability and the lowest generation of it that still counts. */
  record Generation(String cid, long gen) {}

  /**
   * Keys from now on.
   *
   * @param what they sign
   * @param current thumbprint of the key that signs
   * @param trusted thumbprints of all keys whose signatures count, the current one among them
   */
  record Rotate(Instant time, String pod, Signing what, String current, List<String> trusted)
      implements OperatorEntry {
    public Rotate {
      trusted = List.copyOf(trusted);
    }
  }

  /** What a key signs. */
  enum Signing {
    /** Contracts, identities and revocation lists. */
    CONTRACTS,
    /** Checkpoints of the log. */
    LOG
  }

  /** The ledger granted calls, or its limit changed. */
  record Grant(Instant time, String pod, Totals totals) implements OperatorEntry {}

  /** The ledger took back what a boot had: it gave calls back, ended, or was lost. */
  record Settle(Instant time, String pod, Totals totals) implements OperatorEntry {}

  /**
   * Where one counter path stands (quota.md, Totals): everything that a ledger which was lost can
   * be made from again.
   *
   * @param path cids from the root to the block, joined by {@code /}
   * @param generation of the capability that set the limit
   * @param limit calls allowed
   * @param used by boots that are settled, what was lost with them included
   * @param held granted to boots that are not settled, less what they returned
   * @param stranded the part of {@code used} that was lost with its boot
   * @param of the boot that this is about, null when only the limit changed
   */
  record Totals(
      String path,
      long generation,
      long limit,
      long used,
      long held,
      long stranded,
      @Nullable BootTotals of) {
    public Totals {
      if (path.isEmpty() || path.length() > MAX_PATH) {
        throw new IllegalArgumentException("path is empty or longer than " + MAX_PATH);
      }
      if (generation < 1 || limit < 0 || used < 0 || held < 0 || stranded < 0 || stranded > used) {
        throw new IllegalArgumentException(
            "totals of " + path + ": a negative one, or more stranded than used");
      }
    }

    /** What may have been spent by now: all that was granted and not returned. */
    public long claimed() {
      return used + held;
    }
  }

  /**
   * Totals of one boot under one path since its start, each only ever rising.
   *
   * @param boot id of the gate's start, as in its records
   * @param uid of its pod
   * @param granted calls it was granted
   * @param returned calls it gave back
   * @param spent calls it admitted, as far as it said; when it is lost, what it last said
   * @param lost calls that are counted because nobody knows whether it spent them; 0 until it is
   *     settled as lost
   * @param closed whether it is settled: it gets nothing any more
   */
  record BootTotals(
      String boot, String uid, long granted, long returned, long spent, long lost, boolean closed) {
    public BootTotals {
      if (!Boot.isValid(boot)) {
        throw new IllegalArgumentException("boot is not 16 lower-case hex digits");
      }
      if (granted < 0 || returned < 0 || spent < 0 || lost < 0) {
        throw new IllegalArgumentException("totals of boot " + boot + ": a negative one");
      }
    }
  }
}

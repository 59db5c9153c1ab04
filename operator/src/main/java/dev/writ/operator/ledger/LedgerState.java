package dev.writ.operator.ledger;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Comparator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Content of one CallLedger ({@code status}), all counter paths of one capability.
 *
 * @param previous {@link #fingerprint} of the state before the last change that the log has to
 *     know, empty before the first: it proves that an entry is that one change ahead of the log
 * @param entries one per counter path
 * @param claims one per length of rate window
 */
public record LedgerState(String previous, List<PathEntry> entries, List<RateClaim> claims) {
  /** A capability of which nothing was counted. */
  public static final LedgerState EMPTY = new LedgerState("", List.of(), List.of());

  /** Copies. */
  public LedgerState {
    entries = List.copyOf(entries);
    claims = List.copyOf(claims);
  }

  /** The entry of a path, null when it was never asked for. */
  public @Nullable PathEntry entry(String path) {
    for (PathEntry entry : entries) {
      if (entry.path().equals(path)) {
        return entry;
      }
    }
    return null;
  }

  /** The claim on windows of that length, null when there is none. */
  public @Nullable RateClaim claim(long seconds) {
    for (RateClaim claim : claims) {
      if (claim.seconds() == seconds) {
        return claim;
      }
    }
    return null;
  }

  /**
   * SHA-256 over all that admission depends on, and the log therefore knows: limits, settled use
   * and what open boots were granted and gave back. Not over spent totals, closed boots and claims.
   * Two states of one ledger's life never share one, since totals and generations only rise.
   *
   * @return base64url; empty for a ledger in which nothing was counted
   */
  public String fingerprint() {
    if (entries.isEmpty()) {
      return "";
    }
    StringBuilder text = new StringBuilder(128 * entries.size());
    for (PathEntry entry : sorted(entries, Comparator.comparing(PathEntry::path))) {
      text.append(entry.path()).append(' ').append(entry.generation());
      text.append(' ').append(entry.limit()).append(' ').append(entry.used());
      text.append(' ').append(entry.stranded()).append('\n');
      for (BootTotals row : sorted(entry.boots(), Comparator.comparing(BootTotals::boot))) {
        if (!row.closed()) {
          text.append(' ').append(row.boot()).append(' ').append(row.podUid());
          text.append(' ').append(row.granted()).append(' ').append(row.returned()).append('\n');
        }
      }
    }
    try {
      byte[] hash = MessageDigest.getInstance("SHA-256").digest(text.toString().getBytes(US_ASCII));
      return Base64.getUrlEncoder().withoutPadding().encodeToString(hash);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JDK has SHA-256", e);
    }
  }

  /**
   * The same with spent totals raised to those of {@code told}: what the leader heard since it last
   * wrote. They ride along with the next write.
   */
  public LedgerState withSpent(LedgerState told) {
    List<PathEntry> next = new ArrayList<>(entries.size());
    for (PathEntry entry : entries) {
      PathEntry heard = told.entry(entry.path());
      PathEntry raised = entry;
      for (BootTotals row : heard == null ? List.<BootTotals>of() : heard.boots()) {
        BootTotals own = entry.boot(row.boot());
        if (own != null && !own.closed() && own.spent() < row.spent()) {
          raised = raised.with(own.told(0, row.spent()));
        }
      }
      next.add(raised);
    }
    return new LedgerState(previous, next, claims);
  }

  LedgerState with(PathEntry entry) {
    List<PathEntry> next = new ArrayList<>(entries.size() + 1);
    boolean found = false;
    for (PathEntry old : entries) {
      boolean same = old.path().equals(entry.path());
      found |= same;
      next.add(same ? entry : old);
    }
    if (!found) {
      next.add(entry);
    }
    return new LedgerState(previous, next, claims);
  }

  LedgerState with(RateClaim claim) {
    List<RateClaim> next = new ArrayList<>(claims);
    next.removeIf(old -> old.seconds() == claim.seconds());
    next.add(claim);
    return new LedgerState(previous, entries, next);
  }

  LedgerState after(String fingerprint) {
    return new LedgerState(fingerprint, entries, claims);
  }

  private static <T> List<T> sorted(List<T> list, Comparator<T> order) {
    if (list.size() < 2) {
      return list;
    }
    List<T> copy = new ArrayList<>(list);
    copy.sort(order);
    return copy;
  }
}

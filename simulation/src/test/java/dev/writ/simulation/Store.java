package dev.writ.simulation;

import dev.writ.operator.ledger.Anchor;
import dev.writ.operator.ledger.LedgerChange;
import dev.writ.operator.ledger.LedgerState;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The CallLedger in etcd, the log, and the capability: what outlives every process. */
final class Store {
  private final Books books;
  private final Bug bug;
  private final List<LedgerChange> log = new ArrayList<>();
  private @Nullable LedgerState entry;
  private long version = 1;
  private @Nullable LedgerState backup;
  private int backupLog;
  private boolean backedUp;
  private Anchor logged = Anchor.EMPTY;
  private int owner;
  private int readable;
  private long generation = 1;
  private long limit;

  Store(Books books, Bug bug, long limit) {
    this.books = books;
    this.bug = bug;
    this.limit = limit;
  }

  /** A CallLedger as it was read, null content when there is none. */
  record Read(@Nullable LedgerState entry, long version) {}

  Read read() {
    return new Read(entry, version);
  }

  boolean compareAndSwap(long expected, LedgerState next) {
    if (version != expected && bug != Bug.NO_COMPARE_AND_SWAP) {
      return false;
    }
    version++;
    entry = next;
    return true;
  }

  void backUp() {
    backup = entry;
    backupLog = log.size();
    backedUp = true;
  }

  boolean restore() {
    if (!backedUp) {
      return false;
    }
    version++;
    entry = backup;
    if (bug == Bug.LOG_SIZE_KEPT_IN_ETCD) {
      readable = backupLog;
    }
    backedUp = false;
    return true;
  }

  void delete() {
    version++;
    entry = null;
  }

  /** Takes the log: nobody else appends from here on. */
  int own() {
    return ++owner;
  }

  boolean owned(int epoch) {
    return owner == epoch;
  }

  Anchor readLog() {
    Anchor anchor = Anchor.EMPTY;
    for (LedgerChange change : log.subList(0, readable)) {
      anchor = anchor.replayed(change);
    }
    return anchor;
  }

  /** False when the log has another owner. */
  boolean append(int epoch, LedgerChange change) {
    if (epoch != owner && bug != Bug.LOG_WITHOUT_OWNER_FENCE) {
      return false;
    }
    log.add(change);
    readable = log.size();
    Anchor before = logged;
    logged = logged.replayed(change);
    books.appended(before.logged(), logged.logged());
    return true;
  }

  LedgerState logged() {
    return logged.logged();
  }

  void edit(long newLimit) {
    generation++;
    limit = newLimit;
  }

  long generation() {
    return generation;
  }

  long limit() {
    return limit;
  }
}

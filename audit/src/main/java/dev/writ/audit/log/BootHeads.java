package dev.writ.audit.log;

import dev.writ.audit.AuditRecord;
import dev.writ.audit.Boot;
import dev.writ.audit.BrokenChainException;
import dev.writ.audit.ChainCheck;
import dev.writ.audit.Entry;
import dev.writ.contract.Base64Url;
import dev.writ.contract.MalformedException;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Where the chain of each boot stands in the log: what follows, and what is there already. An
 * append works on a {@link #fork}, which is dropped when it fails. Not thread-safe.
 */
class BootHeads {
  private static final Head NONE = new Head(0, "", false, null);
  private static final String NOBODY = "-";

  private final @Nullable BootHeads under;
  private final Map<String, Head> heads = new HashMap<>();

  BootHeads() {
    this(null);
  }

  private BootHeads(@Nullable BootHeads under) {
    this.under = under;
  }

  /**
   * The last record of a boot.
   *
   * @param seq 0 when there is none
   * @param hash of its line
   * @param stopped whether it was the boot's stop
   * @param owner the pod UID in the boot's start, null when it has none
   */
  record Head(long seq, String hash, boolean stopped, @Nullable String owner) {
    /** What accepts the next record. */
    ChainCheck check(String boot) {
      return ChainCheck.resume(boot, seq, hash, stopped);
    }

    /** Where the boot stands once {@code check} accepted that record. */
    static Head after(ChainCheck check, AuditRecord last, @Nullable String owner) {
      String by = last.entry() instanceof Entry.Start start ? start.uid() : owner;
      return new Head(check.lastSeq(), check.lastHash(), check.stopped(), by);
    }
  }

  Head of(String boot) {
    Head head = heads.get(boot);
    if (head != null) {
      return head;
    }
    return under == null ? NONE : under.of(boot);
  }

  void put(String boot, Head head) {
    heads.put(boot, head);
  }

  /** Takes a line that is in the log. */
  void replay(AuditRecord auditRecord, String line) throws BrokenChainException {
    Head head = of(auditRecord.boot());
    ChainCheck check = head.check(auditRecord.boot());
    check.accept(auditRecord, line);
    put(auditRecord.boot(), Head.after(check, auditRecord, head.owner()));
  }

  /** These heads, to be changed without changing them. */
  BootHeads fork() {
    return new BootHeads(this);
  }

  /**
   * Makes the changes of this fork, and of those that it was forked from, changes of the first one,
   * and returns that.
   */
  BootHeads merged() {
    if (under == null) {
      return this;
    }
    BootHeads first = under.merged();
    first.heads.putAll(heads);
    return first;
  }

  byte[] encode() {
    StringBuilder text = new StringBuilder();
    heads.forEach(
        (boot, head) -> {
          String owner = head.owner();
          String by =
              owner == null ? NOBODY : Base64Url.encode(owner.getBytes(StandardCharsets.UTF_8));
          text.append(boot).append(' ').append(head.seq()).append(' ').append(head.hash());
          text.append(' ').append(head.stopped()).append(' ').append(by).append('\n');
        });
    return text.toString().getBytes(StandardCharsets.US_ASCII);
  }

  static BootHeads decode(String text) throws MalformedException {
    BootHeads heads = new BootHeads();
    for (String line : text.lines().toList()) {
      String[] parts = line.split(" ", -1);
      if (parts.length != 5 || !Boot.isValid(parts[0]) || !parts[1].matches("[1-9][0-9]{0,17}")) {
        throw new MalformedException("heads: not <boot> <seq> <hash> <stopped> <owner>");
      }
      String owner =
          parts[4].equals(NOBODY)
              ? null
              : new String(Base64Url.decode(parts[4]), StandardCharsets.UTF_8);
      heads.put(
          parts[0], new Head(Long.parseLong(parts[1]), parts[2], parts[3].equals("true"), owner));
    }
    return heads;
  }
}

package dev.writ.audit.log;

import dev.writ.audit.AuditRecord;
import dev.writ.audit.Boot;
import dev.writ.audit.BrokenChainException;
import dev.writ.audit.ChainCheck;
import dev.writ.contract.MalformedException;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;

/**
 * Where the chain of each boot stands in the log: what follows, and what is there already. Not
 * thread-safe.
 */
class BootHeads {
  private static final Head NONE = new Head(0, "", false);

  private final Map<String, Head> heads;

  BootHeads() {
    this(new HashMap<>());
  }

  private BootHeads(Map<String, Head> heads) {
    this.heads = heads;
  }

  /**
   * The last record of a boot.
   *
   * @param seq 0 when there is none
   * @param hash of its line
   * @param stopped whether it was the boot's stop
   */
  record Head(long seq, String hash, boolean stopped) {}

  Head of(String boot) {
    return heads.getOrDefault(boot, NONE);
  }

  /** What accepts the next record of that boot. */
  ChainCheck check(String boot) {
    Head head = of(boot);
    return ChainCheck.resume(boot, head.seq(), head.hash(), head.stopped());
  }

  /** The boot now stands where {@code check} stands. */
  void advance(ChainCheck check) {
    heads.put(check.boot(), new Head(check.lastSeq(), check.lastHash(), check.stopped()));
  }

  /** Takes a line that is in the log. */
  void replay(AuditRecord auditRecord, String line) throws BrokenChainException {
    ChainCheck check = check(auditRecord.boot());
    check.accept(auditRecord, line);
    advance(check);
  }

  BootHeads copy() {
    return new BootHeads(new HashMap<>(heads));
  }

  byte[] encode() {
    StringBuilder text = new StringBuilder();
    heads.forEach(
        (boot, head) ->
            text.append(boot)
                .append(' ')
                .append(head.seq())
                .append(' ')
                .append(head.hash())
                .append(' ')
                .append(head.stopped())
                .append('\n'));
    return text.toString().getBytes(StandardCharsets.US_ASCII);
  }

  static BootHeads decode(String text) throws MalformedException {
    Map<String, Head> heads = new HashMap<>();
    for (String line : text.lines().toList()) {
      String[] parts = line.split(" ", -1);
      if (parts.length != 4 || !Boot.isValid(parts[0]) || !parts[1].matches("[1-9][0-9]{0,17}")) {
        throw new MalformedException("heads: not <boot> <seq> <hash> <stopped>");
      }
      heads.put(parts[0], new Head(Long.parseLong(parts[1]), parts[2], parts[3].equals("true")));
    }
    return new BootHeads(heads);
  }
}

package dev.writ.sidecar.spent;

import java.util.regex.Pattern;

/**
 * Where a file of counters comes from. Its numbers hold as long as the same kernel runs: after a
 * reboot the pages on disk may be older than what was let through.
 *
 * @param boot 16 lower-case hex digits
 * @param podUid at most 64 printable ASCII characters
 * @param kernelBoot the kernel's boot id, empty when it gives none: such a file is never believed
 *     later
 */
public record Origin(String boot, String podUid, String kernelBoot) {
  private static final Pattern BOOT = Pattern.compile("[0-9a-f]{16}");
  private static final Pattern TEXT = Pattern.compile("[!-~]{0,64}");

  public Origin {
    if (!BOOT.matcher(boot).matches()) {
      throw new IllegalArgumentException("boot is not 16 lower-case hex digits");
    }
    if (podUid.isEmpty() || !TEXT.matcher(podUid).matches()) {
      throw new IllegalArgumentException("podUid is not 1 to 64 printable characters");
    }
    if (!TEXT.matcher(kernelBoot).matches()) {
      throw new IllegalArgumentException("kernelBoot is not at most 64 printable characters");
    }
  }

  /** Whether what that one wrote can be believed here and now. */
  boolean believes(Origin earlier) {
    return !kernelBoot.isEmpty()
        && kernelBoot.equals(earlier.kernelBoot)
        && podUid.equals(earlier.podUid);
  }
}

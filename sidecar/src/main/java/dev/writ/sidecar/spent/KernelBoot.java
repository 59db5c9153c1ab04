package dev.writ.sidecar.spent;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Which run of the kernel this is. (quota.md, Crashes) */
public final class KernelBoot {
  private static final Path FILE = Path.of("/proc/sys/kernel/random/boot_id");

  private KernelBoot() {}

  /** The kernel's boot id; empty where there is none, and then no counters are believed later. */
  public static String id() {
    try {
      String id = Files.readString(FILE, US_ASCII).strip();
      return id.matches("[0-9a-f-]{1,64}") ? id : "";
    } catch (IOException _) {
      return "";
    }
  }
}

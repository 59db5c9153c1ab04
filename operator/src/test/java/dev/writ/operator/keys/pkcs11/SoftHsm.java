package dev.writ.operator.keys.pkcs11;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** A token of SoftHSM in a folder of its own. */
final class SoftHsm {
  static final String MISSING =
      "SoftHSM is not installed, so no token is tested: apt-get install softhsm2";

  private SoftHsm() {}

  /** Its library, where distributions put it. */
  static Optional<Path> library() {
    return Stream.of(
            "/usr/lib/softhsm/libsofthsm2.so",
            "/usr/lib/x86_64-linux-gnu/softhsm/libsofthsm2.so",
            "/usr/lib64/pkcs11/libsofthsm2.so",
            "/usr/local/lib/softhsm/libsofthsm2.so")
        .map(Path::of)
        .filter(Files::exists)
        .findFirst();
  }

  /**
   * Makes a token. The library reads SOFTHSM2_CONF when it is loaded, so the one that is tested
   * runs in a process with that variable.
   */
  static void token(Path folder, String label, String pin)
      throws IOException, InterruptedException {
    Files.createDirectories(folder.resolve("tokens"));
    Files.writeString(
        configuration(folder), "directories.tokendir = " + folder.resolve("tokens") + "\n");
    ProcessBuilder builder =
        new ProcessBuilder(
            List.of(
                "softhsm2-util",
                "--init-token",
                "--free",
                "--label",
                label,
                "--so-pin",
                "12345678",
                "--pin",
                pin));
    builder.environment().put("SOFTHSM2_CONF", configuration(folder).toString());
    Path log = folder.resolve("softhsm2-util.log");
    Process process = builder.redirectErrorStream(true).redirectOutput(log.toFile()).start();
    if (!process.waitFor(30, TimeUnit.SECONDS) || process.exitValue() != 0) {
      throw new IOException(Files.readString(log));
    }
  }

  static Path configuration(Path folder) {
    return folder.resolve("softhsm2.conf");
  }
}

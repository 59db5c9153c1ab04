package dev.writ.cli;

import dev.writ.contract.key.Ed25519;
import java.io.IOException;
import java.io.InputStream;
import java.util.Properties;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;

/** {@code writ version}. */
@Command(
    name = "version",
    description = {
      "Prints the version of writ, of the JDK that runs it, and who verifies its signatures.",
      "A sidecar says in its log and its metrics whether its own verification is native."
    })
final class VersionCommand implements Callable<Integer> {
  private static final String FILE = "/META-INF/maven/dev.writ/writ-cli/pom.properties";

  private final Surroundings surroundings;

  VersionCommand(Surroundings surroundings) {
    this.surroundings = surroundings;
  }

  @Override
  public Integer call() throws IOException {
    Properties properties = new Properties();
    try (InputStream in = VersionCommand.class.getResourceAsStream(FILE)) {
      if (in != null) {
        properties.load(in);
      }
    }
    surroundings
        .out()
        .println(
            "writ "
                + properties.getProperty("version", "(not packaged)")
                + ", Java "
                + Runtime.version()
                + ", Ed25519 by "
                + Ed25519.bouncyCastle().provider());
    return ExitCode.OK;
  }
}

package dev.writ.cli;

import java.io.IOException;
import java.io.InputStream;
import java.util.Properties;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;

/** {@code writ version}. */
@Command(name = "version", description = "Prints the version of writ and of the JDK that runs it.")
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
                + Runtime.version());
    return ExitCode.OK;
  }
}

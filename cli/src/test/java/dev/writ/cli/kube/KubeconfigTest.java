package dev.writ.cli.kube;

import static org.assertj.core.api.Assertions.assertThat;

import dev.writ.cli.CommandLineHarness;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class KubeconfigTest {
  /** The client's own name for what KUBECONFIG says. */
  private static final String PROPERTY = "kubeconfig";

  private final CommandLineHarness writ = new CommandLineHarness(Instant.EPOCH);

  @TempDir Path folder;
  private Path file;

  @BeforeEach
  void useTheFile() {
    file = folder.resolve("config");
    System.setProperty(PROPERTY, file.toString());
  }

  @AfterEach
  void forgetTheFile() {
    System.clearProperty(PROPERTY);
  }

  @ParameterizedTest
  @ValueSource(strings = {"hello", "not: [yaml", "contexts: 7"})
  void whatIsNoKubeconfigIsSaidInOneLine(String text) throws IOException {
    Files.writeString(file, text);
    assertThat(writ.run("status")).isEqualTo(2);
    assertThat(writ.err()).contains(" is no kubeconfig: ").hasLineCount(1);
  }

  @Test
  void aFileWithoutACurrentContextNamesNoCluster() throws IOException {
    Files.writeString(file, "apiVersion: v1\nkind: Config\nclusters: []\n");
    assertThat(writ.run("status")).isEqualTo(2);
    assertThat(writ.err()).contains("there is no cluster to ask").contains("use-context");
  }
}

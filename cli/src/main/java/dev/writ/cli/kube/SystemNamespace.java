package dev.writ.cli.kube;

import picocli.CommandLine.Option;

/** The option by which every command is told where the operator is. */
public final class SystemNamespace {
  @Option(
      names = "--system-namespace",
      paramLabel = "NAME",
      description = "Namespace of the operator. Default: ${DEFAULT-VALUE}.")
  private String name = "writ-system";

  /** As given, else {@code writ-system}. */
  public String name() {
    return name;
  }
}

package dev.writ.cli.status;

import dev.writ.cli.CommandException;
import dev.writ.cli.ExitCode;
import dev.writ.cli.Surroundings;
import dev.writ.cli.kube.KubeFailure;
import dev.writ.cli.kube.Kubeconfig;
import dev.writ.cli.kube.ObjectNamespace;
import dev.writ.cli.output.Screen;
import dev.writ.cli.output.Table;
import dev.writ.contract.Names;
import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code writ status}. */
@Command(
    name = "status",
    description = "Capabilities with what was used of them, and why they are ready or not.",
    footer = {
      "",
      "Takes the cluster of KUBECONFIG, else ~/.kube/config.",
      "Exit codes: 0 printed, 2 the cluster could not be reached or has no AgentCapabilities."
    })
public final class StatusCommand implements Callable<Integer> {
  private final Surroundings surroundings;

  @Mixin private ObjectNamespace namespace = new ObjectNamespace();

  @Option(
      names = {"-A", "--all-namespaces"},
      description = "All namespaces.")
  private boolean all;

  @Option(
      names = {"-o", "--output"},
      paramLabel = "json",
      description = "json: the objects as they are.")
  private @Nullable Output output;

  enum Output {
    json
  }

  /** A command in these surroundings. */
  public StatusCommand(Surroundings surroundings) {
    this.surroundings = surroundings;
  }

  @Override
  public Integer call() throws CommandException {
    Config config = Kubeconfig.read(surroundings, null);
    try (KubernetesClient client = new KubernetesClientBuilder().withConfig(config).build()) {
      List<GenericKubernetesResource> capabilities = list(client);
      if (output == Output.json) {
        surroundings.out().println(Serialization.asJson(capabilities));
      } else {
        print(capabilities, namespace.in(client));
      }
      return ExitCode.OK;
    } catch (KubernetesClientException e) {
      throw CommandException.unusable(why(e, config.getMasterUrl()));
    }
  }

  private List<GenericKubernetesResource> list(KubernetesClient client) {
    var resources =
        client.genericKubernetesResources(Names.GROUP + "/" + Names.VERSION, "AgentCapability");
    var found =
        all
            ? resources.inAnyNamespace().list()
            : resources.inNamespace(namespace.in(client)).list();
    return found.getItems().stream()
        .sorted(
            Comparator.comparing(
                    (GenericKubernetesResource one) -> one.getMetadata().getNamespace())
                .thenComparing(one -> one.getMetadata().getName()))
        .toList();
  }

  private void print(List<GenericKubernetesResource> capabilities, String current) {
    if (capabilities.isEmpty()) {
      String where = all ? "any namespace" : "namespace " + current;
      surroundings.err().println("No AgentCapability in " + where + ".");
      return;
    }
    Table table = CapabilityTable.of(capabilities, surroundings.clock().instant());
    new Screen(surroundings.out(), surroundings.coloured()).table(table);
  }

  private static String why(KubernetesClientException e, String url) {
    return switch (e.getCode()) {
      case 404 -> "the cluster at " + url + " knows no AgentCapability: install Writ's CRDs first";
      case 401, 403 ->
          "the cluster at " + url + " doesn't let you list AgentCapabilities: " + e.getMessage();
      default -> "couldn't ask the cluster at " + url + ": " + KubeFailure.why(e);
    };
  }
}

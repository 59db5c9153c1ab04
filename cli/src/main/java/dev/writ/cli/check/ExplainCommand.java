package dev.writ.cli.check;

import dev.writ.cli.CommandException;
import dev.writ.cli.ExitCode;
import dev.writ.cli.Surroundings;
import dev.writ.cli.kube.KubeFailure;
import dev.writ.cli.kube.ObjectNamespace;
import dev.writ.contract.Names;
import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.api.model.Namespace;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** {@code writ explain}. */
@Command(
    name = "explain",
    description =
        "Why a pod is not guarded or a call is refused, and the patch that would change it.",
    footer = {
      "",
      "As in: writ explain pod/ledger-0, writ explain capability/billing-may-transfer",
      "Exit codes: 0 explained, 2 there is no such object or the cluster could not be asked."
    })
public final class ExplainCommand implements Callable<Integer> {
  private final Surroundings surroundings;

  @Parameters(paramLabel = "pod/NAME|capability/NAME", description = "What to explain.")
  private String object = "";

  @Mixin private ObjectNamespace namespace = new ObjectNamespace();

  /** A command in these surroundings. */
  public ExplainCommand(Surroundings surroundings) {
    this.surroundings = surroundings;
  }

  @Override
  public Integer call() throws CommandException {
    int slash = object.indexOf('/');
    String kind = slash < 0 ? "" : object.substring(0, slash);
    String name = object.substring(slash + 1);
    try (KubernetesClient client = Connection.open(surroundings)) {
      String place = namespace.in(client);
      List<String> lines =
          switch (kind) {
            case "pod", "pods", "po" -> pod(client, place, name);
            case "capability", "agentcapability", "agentcapabilities", "acap" ->
                capability(client, place, name);
            default ->
                throw CommandException.unusable(
                    "\"" + object + "\" is neither pod/NAME nor capability/NAME");
          };
      lines.forEach(surroundings.out()::println);
      return ExitCode.OK;
    } catch (KubernetesClientException e) {
      throw CommandException.unusable("couldn't ask the cluster: " + KubeFailure.why(e));
    }
  }

  private static List<String> pod(KubernetesClient client, String place, String name)
      throws CommandException {
    Pod pod = client.pods().inNamespace(place).withName(name).get();
    if (pod == null) {
      throw CommandException.unusable("no pod " + name + " in namespace " + place);
    }
    Namespace namespace = client.namespaces().withName(place).get();
    boolean required =
        namespace != null
            && Names.ENFORCEMENT_REQUIRED.equals(
                Objects.requireNonNullElse(
                        namespace.getMetadata().getLabels(), Map.<String, String>of())
                    .get(Names.ENFORCEMENT));
    return PodExplanation.of(pod, required, client.services().inNamespace(place).list().getItems());
  }

  private static List<String> capability(KubernetesClient client, String place, String name)
      throws CommandException {
    GenericKubernetesResource capability =
        client
            .genericKubernetesResources(Names.GROUP + "/" + Names.VERSION, "AgentCapability")
            .inNamespace(place)
            .withName(name)
            .get();
    if (capability == null) {
      throw CommandException.unusable("no AgentCapability " + name + " in namespace " + place);
    }
    return CapabilityExplanation.of(capability);
  }
}

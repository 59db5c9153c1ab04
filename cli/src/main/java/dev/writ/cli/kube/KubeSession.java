package dev.writ.cli.kube;

import dev.writ.cli.CommandException;
import dev.writ.cli.Surroundings;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.fabric8.kubernetes.client.KubernetesClientException;

/** One command's use of the cluster: whatever goes wrong becomes one sentence for its user. */
public final class KubeSession {
  private final Surroundings surroundings;

  /** Takes the cluster of KUBECONFIG, else of ~/.kube/config. */
  public KubeSession(Surroundings surroundings) {
    this.surroundings = surroundings;
  }

  /** What a command does with the cluster. */
  @FunctionalInterface
  public interface Use<T> {
    /** May throw what the client throws. */
    T with(KubernetesClient client) throws CommandException;
  }

  /**
   * Does it.
   *
   * @param what the user wanted, as in {@code list AgentCapabilities}
   * @param missing what to say when there is no such thing
   */
  public <T> T use(String what, String missing, Use<T> use) throws CommandException {
    Config config = Kubeconfig.read(surroundings, null);
    try (KubernetesClient client = new KubernetesClientBuilder().withConfig(config).build()) {
      return use.with(client);
    } catch (KubernetesClientException e) {
      throw CommandException.unusable(
          switch (e.getCode()) {
            case 404 -> missing;
            case 401, 403 ->
                "the cluster at "
                    + config.getMasterUrl()
                    + " doesn't let you "
                    + what
                    + ": "
                    + e.getMessage();
            default ->
                "couldn't ask the cluster at " + config.getMasterUrl() + ": " + KubeFailure.why(e);
          });
    }
  }
}

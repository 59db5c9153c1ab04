package dev.writ.operator.counting;

import dev.writ.operator.issue.Programs.Place;
import io.fabric8.kubernetes.client.KubernetesClient;

/** For tests of other packages. */
public final class LedgerScenario {
  private LedgerScenario() {}

  /** Plays {@link StoreScenario} on a real API server. */
  public static void play(KubernetesClient client, String cid, String namespace, String name)
      throws Exception {
    StoreScenario.play(new CallLedgerStore(client), cid, new Place(namespace, name));
  }
}

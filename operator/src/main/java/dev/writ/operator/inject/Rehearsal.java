package dev.writ.operator.inject;

import dev.writ.contract.MalformedException;
import java.nio.charset.StandardCharsets;

/**
 * Reviews that are answered before anybody asks: the first answers of a JVM take many times as long
 * as later ones, and the API server waits. (injection.md, Webhook)
 */
public final class Rehearsal {
  /**
   * The first answer takes a hundred times as long as a later one, the hundredth twice as long;
   * more rounds would cost a start more than they gain.
   */
  private static final int ROUNDS = 50;

  /**
   * A pod as a Deployment makes it, with all that takes time: ports, probes, variables, volumes.
   */
  private static final String REVIEW =
      """
      {"kind": "AdmissionReview", "apiVersion": "admission.k8s.io/v1", "request": {
        "uid": "00000000-0000-0000-0000-000000000000", "operation": "CREATE", "namespace": "rehearsal", "dryRun": true,
        "kind": {"group": "", "version": "v1", "kind": "Pod"}, "resource": {"group": "", "version": "v1", "resource": "pods"},
        "userInfo": {"username": "system:serviceaccount:kube-system:replicaset-controller"},
        "object": {"kind": "Pod", "apiVersion": "v1",
          "metadata": {"generateName": "agent-", "labels": {"app": "agent"}, "annotations": {"writ.dev/inject": "enabled"@MORE@},
            "ownerReferences": [{"apiVersion": "apps/v1", "kind": "ReplicaSet", "name": "agent", "uid": "1", "controller": true}]},
          "spec": {"serviceAccountName": "agent",
            "initContainers": [{"name": "migrate", "image": "agent:1", "env": [{"name": "STEP", "value": "1"}]}],
            "containers": [{"name": "agent", "image": "agent:1", "env": [{"name": "A", "value": "b"}],
              "ports": [{"name": "http", "containerPort": 8080, "protocol": "TCP"}, {"containerPort": 9090, "protocol": "TCP"}],
              "readinessProbe": {"httpGet": {"path": "/ready", "port": "http", "scheme": "HTTP"}},
              "livenessProbe": {"tcpSocket": {"port": 9090}},
              "resources": {"requests": {"cpu": "10m"}},
              "volumeMounts": [{"name": "kube-api-access", "mountPath": "/var/run/secrets", "readOnly": true}]}],
            "volumes": [{"name": "kube-api-access", "projected": {"sources": [{"serviceAccountToken": {"path": "token"}}]}}]}}}}
      """;

  private Rehearsal() {}

  /** Takes a third of a second of a processor the first time. */
  public static void play(PodMutator mutator) {
    AdmissionHandler handler = new AdmissionHandler(mutator, _ -> false, _ -> {});
    byte[] redirect = review("");
    byte[] loopback = review(", \"writ.dev/capture\": \"loopback\"");
    byte[] refused = review(", \"writ.dev/unknown\": \"x\"");
    try {
      for (int round = 0; round < ROUNDS; round++) {
        handler.handle(redirect);
        handler.handle(loopback);
      }
      handler.handle(refused);
    } catch (MalformedException e) {
      throw new IllegalStateException("the rehearsal's own review is good", e);
    }
  }

  static byte[] review(String annotations) {
    return REVIEW.replace("@MORE@", annotations).getBytes(StandardCharsets.UTF_8);
  }
}

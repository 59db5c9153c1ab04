package dev.writ.cli.check;

import dev.writ.contract.scan.ScanOrder;
import io.fabric8.kubernetes.api.model.EnvVar;
import io.fabric8.kubernetes.api.model.EnvVarBuilder;
import io.fabric8.kubernetes.api.model.OwnerReferenceBuilder;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.api.model.PodSpec;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import java.util.List;
import java.util.Map;

/**
 * The pod that probes another one: the sidecar's image with another argument, beside the operator,
 * where no webhook looks at pods. It holds no credential, may do nothing on its node, and ends by
 * itself. Pure.
 */
final class ProbePod {
  /** Label by which what an interrupted run left is found; no Service or Deployment selects it. */
  static final Map<String, String> LABELS =
      Map.of("app.kubernetes.io/name", "writ", "app.kubernetes.io/component", "probe");

  /** The only container. */
  static final String CONTAINER = "scan";

  /** To fetch an image and start. */
  static final int START_SECONDS = 120;

  private static final long UID = 65_532;

  private ProbePod() {}

  /** How long it may be there, whatever becomes of who made it, seconds. */
  static int seconds(ScanOrder order) {
    return START_SECONDS + order.seconds();
  }

  /**
   * Describes it.
   *
   * @param operator whose pods' place, pull secrets and tolerations it shares; owns it
   * @param image of the sidecar
   * @param name of the pod
   */
  static Pod of(Deployment operator, String image, String name, ScanOrder order) {
    PodSpec like = operator.getSpec().getTemplate().getSpec();
    return new PodBuilder()
        .withNewMetadata()
        .withNamespace(operator.getMetadata().getNamespace())
        .withName(name)
        .withLabels(LABELS)
        // A mesh's proxy in this pod would take every connection itself, and all ports seem open.
        .addToLabels("sidecar.istio.io/inject", "false")
        .addToAnnotations("linkerd.io/inject", "disabled")
        // Goes with the installation, if it was left.
        .withOwnerReferences(
            new OwnerReferenceBuilder()
                .withApiVersion("apps/v1")
                .withKind("Deployment")
                .withName(operator.getMetadata().getName())
                .withUid(operator.getMetadata().getUid())
                .build())
        .endMetadata()
        .withNewSpec()
        .withRestartPolicy("Never")
        .withActiveDeadlineSeconds((long) seconds(order))
        .withTerminationGracePeriodSeconds(1L)
        .withAutomountServiceAccountToken(false)
        .withEnableServiceLinks(false)
        .withImagePullSecrets(like.getImagePullSecrets())
        .withNodeSelector(like.getNodeSelector())
        .withTolerations(like.getTolerations())
        .withNewSecurityContext()
        .withRunAsNonRoot(true)
        .withRunAsUser(UID)
        .withRunAsGroup(UID)
        .withNewSeccompProfile()
        .withType("RuntimeDefault")
        .endSeccompProfile()
        .endSecurityContext()
        .addNewContainer()
        .withName(CONTAINER)
        .withImage(image)
        .withImagePullPolicy("IfNotPresent")
        .withArgs(ScanOrder.ARGUMENT)
        .withEnv(variables(order))
        .withNewResources()
        .withRequests(Map.of("cpu", new Quantity("100m"), "memory", new Quantity("96Mi")))
        .withLimits(Map.of("memory", new Quantity("192Mi")))
        .endResources()
        .withNewSecurityContext()
        .withAllowPrivilegeEscalation(false)
        .withReadOnlyRootFilesystem(true)
        .withPrivileged(false)
        .withNewCapabilities()
        .withDrop("ALL")
        .endCapabilities()
        .endSecurityContext()
        .endContainer()
        .endSpec()
        .build();
  }

  private static List<EnvVar> variables(ScanOrder order) {
    return order.variables().entrySet().stream()
        .map(
            variable ->
                new EnvVarBuilder()
                    .withName(variable.getKey())
                    .withValue(variable.getValue())
                    .build())
        .toList();
  }
}

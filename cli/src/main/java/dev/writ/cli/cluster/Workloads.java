package dev.writ.cli.cluster;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.api.model.PodTemplateSpec;

/** What the controllers of Kubernetes make of a workload: pods. */
final class Workloads {
  private Workloads() {}

  /** The n-th pod of a workload, as its controller would create it. */
  static Pod pod(HasMetadata owner, PodTemplateSpec template, int number) {
    return new PodBuilder()
        .withApiVersion("v1")
        .withNewMetadata()
        .withName(owner.getMetadata().getName() + "-" + number)
        .withNamespace(owner.getMetadata().getNamespace())
        .withLabels(template.getMetadata().getLabels())
        .withAnnotations(template.getMetadata().getAnnotations())
        .addNewOwnerReference()
        .withApiVersion(owner.getApiVersion())
        .withKind(owner.getKind())
        .withName(owner.getMetadata().getName())
        .withUid(owner.getMetadata().getUid())
        .withController(true)
        .endOwnerReference()
        .endMetadata()
        .withSpec(template.getSpec())
        .build();
  }
}

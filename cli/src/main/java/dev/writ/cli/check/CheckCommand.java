package dev.writ.cli.check;

import dev.writ.cli.CommandException;
import dev.writ.cli.ExitCode;
import dev.writ.cli.Surroundings;
import dev.writ.contract.Names;
import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.EnvVar;
import io.fabric8.kubernetes.api.model.Namespace;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.api.model.authorization.v1.SelfSubjectAccessReviewBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code writ check}. */
@Command(
    name = "check",
    description =
        "Whether Writ works in a cluster: one line per fact, and for each that fails what to do.",
    footer = {
      "",
      "Takes the cluster of KUBECONFIG, else ~/.kube/config. Changes nothing: pods are created for"
          + " a dry run.",
      "Exit codes: 0 all holds, 1 something does not, 2 the cluster could not be asked."
    })
public final class CheckCommand implements Callable<Integer> {
  private static final String WEBHOOK = "writ";

  private final Surroundings surroundings;

  @Option(
      names = "--pre",
      description = "Before the installation: whether this cluster and this user are fit for it.")
  private boolean before;

  @Option(
      names = {"-n", "--namespace"},
      paramLabel = "NAME",
      description = "Namespace of the operator. Default: ${DEFAULT-VALUE}.")
  private String system = "writ-system";

  /** A command in these surroundings. */
  public CheckCommand(Surroundings surroundings) {
    this.surroundings = surroundings;
  }

  @Override
  public Integer call() throws CommandException {
    try (KubernetesClient client = Connection.open(surroundings)) {
      List<Fact> facts = before ? before(client) : installed(client);
      for (Fact fact : facts) {
        surroundings.out().printf("%-5s%s%n", fact.state().word(), fact.statement());
        if (!fact.remedy().isEmpty()) {
          surroundings.out().println("     -> " + fact.remedy());
        }
      }
      return facts.stream().anyMatch(fact -> fact.state() == Fact.State.FAILS)
          ? ExitCode.VIOLATED
          : ExitCode.OK;
    } catch (KubernetesClientException e) {
      throw CommandException.unusable("couldn't ask the cluster: " + Connection.why(e));
    }
  }

  private static List<Fact> before(KubernetesClient client) {
    List<Fact> facts = new ArrayList<>();
    facts.add(ClusterFacts.server(client.getKubernetesVersion().getGitVersion()));
    facts.add(ClusterFacts.nodes(client.nodes().list().getItems()));
    facts.add(
        Fact.of(
            client.hasApiGroup("admissionregistration.k8s.io", true)
                && client.supports("admissionregistration.k8s.io/v1", "ValidatingAdmissionPolicy"),
            "the cluster has ValidatingAdmissionPolicy",
            "upgrade the cluster: without it a required namespace is not"));
    facts.add(mayCreate(client, "apiextensions.k8s.io", "customresourcedefinitions"));
    facts.add(mayCreate(client, "admissionregistration.k8s.io", "mutatingwebhookconfigurations"));
    facts.add(mayCreate(client, "admissionregistration.k8s.io", "validatingadmissionpolicies"));
    facts.add(mayCreate(client, "rbac.authorization.k8s.io", "clusterroles"));
    facts.add(mayCreate(client, "", "namespaces"));
    return facts;
  }

  private static Fact mayCreate(KubernetesClient client, String group, String resource) {
    var review =
        client
            .resource(
                new SelfSubjectAccessReviewBuilder()
                    .withNewSpec()
                    .withNewResourceAttributes()
                    .withGroup(group)
                    .withResource(resource)
                    .withVerb("create")
                    .endResourceAttributes()
                    .endSpec()
                    .build())
            .create();
    return Fact.of(
        Boolean.TRUE.equals(review.getStatus().getAllowed()),
        "you may create " + resource,
        "install as a cluster administrator");
  }

  private List<Fact> installed(KubernetesClient client) {
    List<Fact> facts = new ArrayList<>();
    facts.add(ClusterFacts.server(client.getKubernetesVersion().getGitVersion()));
    for (String plural : List.of("agentcapabilities", "callledgers")) {
      String name = plural + "." + Names.GROUP;
      facts.add(
          ClusterFacts.crd(
              name, client.apiextensions().v1().customResourceDefinitions().withName(name).get()));
    }
    Deployment operator =
        client.apps().deployments().inNamespace(system).withName("writ-operator").get();
    facts.add(ClusterFacts.operator(operator));
    var webhook =
        client.admissionRegistration().v1().mutatingWebhookConfigurations().withName(WEBHOOK).get();
    facts.add(
        ClusterFacts.authority(
            webhook == null || webhook.getWebhooks().isEmpty()
                ? null
                : webhook.getWebhooks().getFirst().getClientConfig().getCaBundle(),
            surroundings.clock().instant()));
    injection(client, facts);
    for (String policy : List.of("writ-created-pods", "writ-changed-pods")) {
      boolean bound =
          client.admissionRegistration().v1().validatingAdmissionPolicies().withName(policy).get()
                  != null
              && client
                      .admissionRegistration()
                      .v1()
                      .validatingAdmissionPolicyBindings()
                      .withName(policy)
                      .get()
                  != null;
      facts.add(
          Fact.of(
              bound,
              "admission policy " + policy + " is bound",
              "install the chart of this version: required namespaces are held by it while the"
                  + " operator is down"));
    }
    String image = operator == null ? null : sidecarImage(operator);
    for (Namespace namespace :
        client
            .namespaces()
            .withLabel(Names.ENFORCEMENT, Names.ENFORCEMENT_REQUIRED)
            .list()
            .getItems()) {
      String name = namespace.getMetadata().getName();
      facts.addAll(
          ClusterFacts.pods(name, client.pods().inNamespace(name).list().getItems(), image));
    }
    return facts;
  }

  /** A pod that is never stored: the webhook answers as it would for one that is. */
  private void injection(KubernetesClient client, List<Fact> facts) {
    String namespace = Objects.requireNonNullElse(client.getNamespace(), "default");
    Pod asked =
        new PodBuilder()
            .withNewMetadata()
            .withNamespace(namespace)
            .withGenerateName("writ-check-")
            .addToAnnotations(Names.INJECT, Names.INJECT_ENABLED)
            .addToAnnotations(Names.CAPTURE, Names.CAPTURE_LOOPBACK)
            .endMetadata()
            .withNewSpec()
            .addNewContainer()
            .withName("app")
            .withImage("writ-check")
            .endContainer()
            .endSpec()
            .build();
    Instant here = surroundings.clock().instant();
    try {
      Pod answer = client.resource(asked).dryRun().create();
      facts.add(ClusterFacts.injection(answer, ""));
      facts.add(ClusterFacts.clock(here, time(answer.getMetadata().getCreationTimestamp())));
    } catch (KubernetesClientException e) {
      facts.add(ClusterFacts.injection(null, Connection.why(e)));
    }
  }

  private static @Nullable Instant time(@Nullable String text) {
    try {
      return text == null ? null : Instant.parse(text);
    } catch (DateTimeException e) {
      return null;
    }
  }

  private static @Nullable String sidecarImage(Deployment operator) {
    for (Container container : operator.getSpec().getTemplate().getSpec().getContainers()) {
      for (EnvVar variable : container.getEnv()) {
        if (variable.getName().equals("WRIT_SIDECAR_IMAGE")) {
          return variable.getValue();
        }
      }
    }
    return null;
  }
}

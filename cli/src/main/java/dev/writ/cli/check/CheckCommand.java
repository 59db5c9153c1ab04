package dev.writ.cli.check;

import dev.writ.cli.CommandException;
import dev.writ.cli.ExitCode;
import dev.writ.cli.Surroundings;
import dev.writ.cli.kube.KubeFailure;
import dev.writ.cli.kube.SystemNamespace;
import dev.writ.contract.Names;
import dev.writ.contract.scan.ScanOrder;
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
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code writ check}. */
@Command(
    name = "check",
    description =
        "Whether Writ works in a cluster: one line per fact, and for each that fails what to do.",
    footer = {
      "",
      "Takes the cluster of KUBECONFIG, else ~/.kube/config. Without --probe it changes nothing:"
          + " pods are created for a dry run.",
      "",
      "--probe makes a pod in the operator's namespace, with the sidecar's image and no rights,"
          + " which tries every TCP port of the pod named, of each of its addresses, from outside;"
          + " it is removed afterwards, and ends by itself if this command is killed. With that the"
          + " pod's guarantee level is told: Present (it has its sidecar) < Verified (whose"
          + " self-test passed) < Enforced (and no port is open from outside but its gate's)."
          + " UDP can't be told from outside: see docs/injection-requirements.md.",
      "It needs the rights to get the pod, to create, get and delete pods in the operator's"
          + " namespace, and to get pods/log there.",
      "Exit codes: 0 all holds, 1 something does not, 2 the cluster could not be asked."
    })
public final class CheckCommand implements Callable<Integer> {
  private static final String WEBHOOK = "writ";

  private final Surroundings surroundings;

  @Option(
      names = "--pre",
      description = "Before the installation: whether this cluster and this user are fit for it.")
  private boolean before;

  @Mixin private SystemNamespace system = new SystemNamespace();

  @Option(
      names = "--probe",
      paramLabel = "NAMESPACE/POD",
      converter = PodName.Converter.class,
      description =
          "Also try whether that pod can be reached past its gate; may be given several times. Each"
              + " takes minutes.")
  private List<PodName> probed = List.of();

  @Option(
      names = "--probe-rate",
      paramLabel = "N",
      description =
          "Connections begun in a second of which the pod may answer none. A node remembers each"
              + " for two minutes: keep 120 times as many below its net.netfilter.nf_conntrack_max."
              + " Default: ${DEFAULT-VALUE}.")
  private int rate = ScanOrder.DEFAULT_RATE;

  /** A command in these surroundings. */
  public CheckCommand(Surroundings surroundings) {
    this.surroundings = surroundings;
  }

  @Override
  public Integer call() throws CommandException {
    usable();
    try (KubernetesClient client = Connection.open(surroundings)) {
      boolean holds = tell(before ? before(client) : installed(client));
      if (!probed.isEmpty()) {
        Deployment operator = operator(client);
        Probes probes =
            new Probes(
                client,
                operator,
                operator == null ? null : sidecarImage(operator),
                rate,
                surroundings);
        for (PodName pod : new LinkedHashSet<>(probed)) {
          holds &= tell(probes.of(pod));
        }
      }
      return holds ? ExitCode.OK : ExitCode.VIOLATED;
    } catch (KubernetesClientException e) {
      throw CommandException.unusable("couldn't ask the cluster: " + KubeFailure.why(e));
    }
  }

  private void usable() throws CommandException {
    if (before && !probed.isEmpty()) {
      throw CommandException.unusable(
          "--probe needs an installation, which --pre comes before: leave one of them out");
    }
    if (rate < ScanOrder.MIN_RATE || rate > ScanOrder.MAX_RATE) {
      throw CommandException.unusable(
          "--probe-rate is not within " + ScanOrder.MIN_RATE + " to " + ScanOrder.MAX_RATE);
    }
  }

  /** Prints, and says whether none of them fails. */
  private boolean tell(List<Fact> facts) {
    for (Fact fact : facts) {
      surroundings.out().printf("%-5s%s%n", fact.state().word(), fact.statement());
      if (!fact.remedy().isEmpty()) {
        surroundings.out().println("     -> " + fact.remedy());
      }
    }
    return facts.stream().noneMatch(fact -> fact.state() == Fact.State.FAILS);
  }

  private @Nullable Deployment operator(KubernetesClient client) {
    return client.apps().deployments().inNamespace(system.name()).withName("writ-operator").get();
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
    Deployment operator = operator(client);
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
      facts.add(ClusterFacts.injection(null, KubeFailure.why(e)));
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

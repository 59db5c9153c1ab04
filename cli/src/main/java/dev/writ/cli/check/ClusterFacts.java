package dev.writ.cli.check;

import dev.writ.contract.Names;
import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.apiextensions.v1.CustomResourceDefinition;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** What objects of the API server say about an installation. Pure. */
final class ClusterFacts {
  /** Native sidecars, CEL in admission and ValidatingAdmissionPolicy. (crd.md) */
  private static final int MINIMUM_MINOR = 30;

  /** A stream of the kubelet and its sidecars that is known to be right. */
  private static final int NATIVE_SIDECARS_MINOR = 29;

  private static final Duration SOON = Duration.ofDays(7);

  /** Proofs are good for thirty seconds either way. (protocol.md) */
  private static final Duration SKEW = Duration.ofSeconds(10);

  private static final Pattern VERSION = Pattern.compile("v?(\\d+)\\.(\\d+).*");

  private ClusterFacts() {}

  static Fact server(@Nullable String version) {
    return Fact.of(
        minor(version) >= MINIMUM_MINOR,
        "the API server is 1." + MINIMUM_MINOR + " or newer (" + version + ")",
        "upgrade the cluster: native sidecars and admission policies are needed");
  }

  static Fact nodes(List<Node> nodes) {
    List<String> old =
        nodes.stream()
            .filter(
                node ->
                    minor(node.getStatus().getNodeInfo().getKubeletVersion())
                        < NATIVE_SIDECARS_MINOR)
            .map(node -> node.getMetadata().getName())
            .toList();
    return Fact.of(
        old.isEmpty(),
        "every kubelet knows native sidecars (" + nodes.size() + " nodes)",
        "upgrade the kubelet of " + String.join(", ", old) + " to 1." + MINIMUM_MINOR);
  }

  static Fact crd(String name, @Nullable CustomResourceDefinition crd) {
    boolean established =
        crd != null
            && crd.getStatus() != null
            && crd.getStatus().getConditions().stream()
                .anyMatch(
                    one -> one.getType().equals("Established") && one.getStatus().equals("True"));
    return Fact.of(
        established, "the cluster knows " + name, "install the chart: it brings the CRDs");
  }

  static Fact operator(@Nullable Deployment operator) {
    int wanted =
        operator == null ? 0 : Objects.requireNonNullElse(operator.getSpec().getReplicas(), 1);
    int ready =
        operator == null || operator.getStatus() == null
            ? 0
            : Objects.requireNonNullElse(operator.getStatus().getReadyReplicas(), 0);
    String statement = "the operator runs (" + ready + "/" + wanted + " replicas ready)";
    if (operator == null) {
      return Fact.fails(
          "the operator is installed", "install the chart: helm install writ charts/writ");
    }
    if (ready == 0) {
      return Fact.fails(
          statement,
          "kubectl -n " + operator.getMetadata().getNamespace() + " logs deploy/writ-operator");
    }
    return ready == wanted
        ? Fact.holds(statement)
        : Fact.warns(
            statement, "kubectl -n " + operator.getMetadata().getNamespace() + " get pods");
  }

  /** Of the CA bundle in the webhook configuration. */
  static Fact authority(@Nullable String bundle, Instant now) {
    String statement = "the webhook's certificate authority is there and lasts";
    if (bundle == null || bundle.isEmpty()) {
      return Fact.fails(
          statement, "the operator has not written its CA into the webhook yet: look at its log");
    }
    try {
      Instant end = Instant.MIN;
      byte[] pem = Base64.getMimeDecoder().decode(bundle.getBytes(StandardCharsets.US_ASCII));
      for (var certificate :
          CertificateFactory.getInstance("X.509")
              .generateCertificates(new ByteArrayInputStream(pem))) {
        Instant until = ((X509Certificate) certificate).getNotAfter().toInstant();
        end = until.isAfter(end) ? until : end;
      }
      return Fact.of(
          end.isAfter(now.plus(SOON)),
          statement + " (until " + end + ")",
          "restart the operator: it renews what is about to end");
    } catch (CertificateException | IllegalArgumentException e) {
      return Fact.fails(
          statement,
          "the caBundle of webhook configuration writ cannot be read: restart the operator");
    }
  }

  /** Of a pod that asked for injection and was created for a dry run alone. */
  static Fact injection(@Nullable Pod answer, String failure) {
    String statement = "the API server reaches the webhook and gets a sidecar from it";
    if (answer == null) {
      return Fact.fails(statement, failure);
    }
    return Fact.of(
        sidecar(answer).isPresent(),
        statement,
        "the pod came back bare: is MutatingWebhookConfiguration writ there, and this namespace not"
            + " among its exceptions?");
  }

  static Fact clock(Instant here, @Nullable Instant there) {
    if (there == null) {
      return Fact.warns(
          "this clock and the API server's agree", "the API server did not say its time");
    }
    // The API server writes whole seconds.
    Duration apart = Duration.between(there, here).abs();
    return Fact.of(
        apart.compareTo(SKEW) <= 0,
        "this clock and the API server's agree (" + apart.toSeconds() + " s apart)",
        "set the clocks by NTP: proofs are refused beyond 30 s");
  }

  /**
   * Pods of a namespace that requires injection.
   *
   * @param image that is injected now, null when unknown
   */
  static List<Fact> pods(String namespace, List<Pod> pods, @Nullable String image) {
    List<String> bare = new ArrayList<>();
    List<String> old = new ArrayList<>();
    for (Pod pod : pods) {
      Optional<Container> sidecar = sidecar(pod);
      if (sidecar.isEmpty()) {
        bare.add(pod.getMetadata().getName());
      } else if (image != null && !image.equals(sidecar.get().getImage())) {
        old.add(pod.getMetadata().getName());
      }
    }
    List<Fact> facts = new ArrayList<>();
    facts.add(
        Fact.of(
            bare.isEmpty(),
            "every pod of required namespace "
                + namespace
                + " has its sidecar ("
                + pods.size()
                + " pods)",
            "they are older than the label: restart what made them: " + String.join(", ", bare)));
    if (!old.isEmpty()) {
      facts.add(
          Fact.warns(
              "every sidecar of namespace " + namespace + " is of the version that is injected now",
              "restart what made them when it suits: " + String.join(", ", old)));
    }
    return facts;
  }

  static Optional<Container> sidecar(Pod pod) {
    return pod.getSpec().getInitContainers().stream()
        .filter(
            container ->
                container.getName().equals(Names.SIDECAR_CONTAINER)
                    && "Always".equals(container.getRestartPolicy()))
        .findFirst();
  }

  private static int minor(@Nullable String version) {
    Matcher matcher = VERSION.matcher(version == null ? "" : version);
    if (!matcher.matches()) {
      return -1;
    }
    return Integer.parseInt(matcher.group(1)) > 1
        ? Integer.MAX_VALUE
        : Integer.parseInt(matcher.group(2));
  }
}

package dev.writ.cli.trust;

import dev.writ.cli.CommandException;
import dev.writ.cli.ExitCode;
import dev.writ.cli.Surroundings;
import dev.writ.cli.kube.KubeSession;
import dev.writ.cli.kube.ObjectNamespace;
import dev.writ.cli.kube.SystemNamespace;
import dev.writ.contract.Names;
import io.fabric8.kubernetes.api.model.Event;
import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.dsl.Resource;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code writ revoke}. */
@Command(
    name = "revoke",
    description = {
      "Takes back what was granted, within a second of the operator's hearing of it.",
      "A chain of contracts dies with each of its blocks."
    },
    synopsisSubcommandLabel = "WHAT")
public final class RevokeCommand {
  private static final PatchContext MERGE = PatchContext.of(PatchType.JSON_MERGE);

  private RevokeCommand() {}

  /** The command with its subcommands. */
  public static CommandLine line(Surroundings surroundings) {
    return new CommandLine(new RevokeCommand())
        .addSubcommand(new OfCapability(surroundings))
        .addSubcommand(new OfPod(surroundings))
        .addSubcommand(new OfContract(surroundings))
        .addSubcommand(new OfKey(surroundings));
  }

  private static String annotations(String name, String value, String version) {
    return Serialization.asJson(
        Map.of("metadata", Map.of("annotations", Map.of(name, value), "resourceVersion", version)));
  }

  private static Resource<GenericKubernetesResource> capability(
      KubernetesClient client, String namespace, String name) {
    return client
        .genericKubernetesResources(Names.GROUP + "/" + Names.VERSION, "AgentCapability")
        .inNamespace(namespace)
        .withName(name);
  }

  private static GenericKubernetesResource existing(
      KubernetesClient client, String namespace, String name) throws CommandException {
    GenericKubernetesResource found = capability(client, namespace, name).get();
    if (found == null) {
      throw CommandException.unusable(
          "there is no AgentCapability " + name + " in namespace " + namespace);
    }
    return found;
  }

  @Command(
      name = "capability",
      description = {
        "Kills every contract of a capability, and mints no more, until --undo: sets spec.suspend.",
        "Where the capability comes from a repository, write suspend: true there as well; deleting"
            + " it revokes for good."
      },
      footer = {
        "",
        "Needs the right to get and patch agentcapabilities in the namespace.",
        "Exit codes: 0 revoked (with --undo: granted again), 2 not confirmed."
      })
  static final class OfCapability implements Callable<Integer> {
    private final Surroundings surroundings;

    @Parameters(paramLabel = "NAME", description = "Of the AgentCapability.")
    private String name = "";

    @Mixin private ObjectNamespace namespace = new ObjectNamespace();

    @Option(names = "--undo", description = "Grant again what was revoked by this command.")
    private boolean undo;

    OfCapability(Surroundings surroundings) {
      this.surroundings = surroundings;
    }

    @Override
    public Integer call() throws CommandException {
      return new KubeSession(surroundings)
          .use(
              "patch AgentCapability " + name,
              "the cluster knows no AgentCapability: install Writ's CRDs first",
              client -> revoke(client, namespace.in(client)));
    }

    private int revoke(KubernetesClient client, String in) throws CommandException {
      existing(client, in, name);
      GenericKubernetesResource changed =
          capability(client, in, name).patch(MERGE, "{\"spec\":{\"suspend\":" + !undo + "}}");
      Long generation = changed.getMetadata().getGeneration();
      String what = (undo ? "granting again " : "revoking ") + in + "/" + name;
      boolean seen =
          Patience.await(
              () -> {
                GenericKubernetesResource now = existing(client, in, name);
                Object observed = now.get("status", "observedGeneration");
                return observed instanceof Number number
                    && generation != null
                    && number.longValue() >= generation
                    && "Suspended".equals(reason(now)) != undo;
              });
      if (!seen) {
        throw Patience.unanswered(what);
      }
      surroundings
          .out()
          .println(
              undo
                  ? in + "/" + name + " grants again"
                  : "every contract of " + in + "/" + name + " is dead");
      return ExitCode.OK;
    }

    private static @Nullable Object reason(GenericKubernetesResource capability) {
      List<Object> conditions = capability.get("status", "conditions");
      for (int i = 0; conditions != null && i < conditions.size(); i++) {
        if ("Ready".equals(capability.get("status", "conditions", i, "type"))) {
          return capability.get("status", "conditions", i, "reason");
        }
      }
      return null;
    }
  }

  @Command(
      name = "pod",
      description = {
        "Kills every contract and delegation that a pod holds, and gives it no more: annotates it"
            + " with "
            + Names.REVOKE
            + ".",
        "The pod's replacement is not affected: delete the pod once you have looked at it."
      },
      footer = {
        "",
        "Needs the right to get and patch pods, and to list events, in the namespace.",
        "Exit codes: 0 revoked, 2 not confirmed."
      })
  static final class OfPod implements Callable<Integer> {
    private final Surroundings surroundings;

    @Parameters(paramLabel = "NAME", description = "Of the pod.")
    private String name = "";

    @Mixin private ObjectNamespace namespace = new ObjectNamespace();

    OfPod(Surroundings surroundings) {
      this.surroundings = surroundings;
    }

    @Override
    public Integer call() throws CommandException {
      return new KubeSession(surroundings)
          .use(
              "patch pod " + name,
              "there is no such namespace",
              client -> revoke(client, namespace.in(client)));
    }

    private int revoke(KubernetesClient client, String in) throws CommandException {
      Pod pod = client.pods().inNamespace(in).withName(name).get();
      if (pod == null) {
        throw CommandException.unusable("there is no pod " + name + " in namespace " + in);
      }
      client
          .pods()
          .inNamespace(in)
          .withName(name)
          .patch(
              MERGE,
              Serialization.asJson(
                  Map.of(
                      "metadata",
                      Map.of("annotations", Map.of(Names.REVOKE, Names.REVOKE_VALUE)))));
      String uid = pod.getMetadata().getUid();
      boolean seen =
          Patience.await(
              () ->
                  client.v1().events().inNamespace(in).list().getItems().stream()
                      .anyMatch(event -> tells(event, uid)));
      if (!seen) {
        throw Patience.unanswered("revoking pod " + in + "/" + name);
      }
      surroundings.out().println("every contract of pod " + in + "/" + name + " is dead");
      return ExitCode.OK;
    }

    private static boolean tells(Event event, String uid) {
      return "Revoked".equals(event.getReason()) && uid.equals(event.getInvolvedObject().getUid());
    }
  }

  @Command(
      name = "contract",
      description = {
        "Kills one contract and all that was delegated from it, by its jti: records and writ"
            + " contract inspect show it.",
        "The holder gets another with its next enrolment; to stop that, revoke its pod or the"
            + " capability."
      },
      footer = {
        "",
        "Needs the right to get and patch agentcapabilities in the namespace.",
        "Exit codes: 0 revoked, 2 not confirmed."
      })
  static final class OfContract implements Callable<Integer> {
    private final Surroundings surroundings;

    @Parameters(paramLabel = "JTI", description = "Of the contract or delegation.")
    private UUID jti = new UUID(0, 0);

    @Option(
        names = "--capability",
        required = true,
        paramLabel = "NAME",
        description = "The AgentCapability that it is of.")
    private String capability = "";

    @Mixin private ObjectNamespace namespace = new ObjectNamespace();

    OfContract(Surroundings surroundings) {
      this.surroundings = surroundings;
    }

    @Override
    public Integer call() throws CommandException {
      return new KubeSession(surroundings)
          .use(
              "patch AgentCapability " + capability,
              "the cluster knows no AgentCapability: install Writ's CRDs first",
              client -> revoke(client, namespace.in(client)));
    }

    private int revoke(KubernetesClient client, String in) throws CommandException {
      GenericKubernetesResource before = existing(client, in, capability);
      String asked = asked(before);
      String all = asked.isEmpty() ? jti.toString() : asked + "," + jti;
      // With the version: what somebody else asked at the same moment must not be lost.
      capability(client, in, capability)
          .patch(
              MERGE,
              annotations(Names.REVOKE_CONTRACTS, all, before.getMetadata().getResourceVersion()));
      if (!Patience.await(
          () -> !asked(existing(client, in, capability)).contains(jti.toString()))) {
        throw Patience.unanswered("revoking contract " + jti);
      }
      surroundings.out().println("contract " + jti + " is dead");
      return ExitCode.OK;
    }

    private static String asked(GenericKubernetesResource capability) {
      Map<String, String> annotations = capability.getMetadata().getAnnotations();
      return annotations == null ? "" : annotations.getOrDefault(Names.REVOKE_CONTRACTS, "");
    }
  }

  @Command(
      name = "key",
      description = {
        "Removes a key of the issuer at once, for when it was stolen: every contract that it signed"
            + " is dead.",
        "If it is the one that signs, a new one takes over at once; calls fail until the sidecars"
            + " have it, about a second."
      },
      footer = {
        "",
        "Needs the right to get and patch ConfigMap writ-issuer-keys of the operator's namespace.",
        "Exit codes: 0 removed, 2 not confirmed, or there is no such key."
      })
  static final class OfKey implements Callable<Integer> {
    private final Surroundings surroundings;

    @Parameters(
        paramLabel = "KID",
        description = "As writ trust show prints it, or its first eight characters or more.")
    private String kid = "";

    @Mixin private SystemNamespace system = new SystemNamespace();

    OfKey(Surroundings surroundings) {
      this.surroundings = surroundings;
    }

    @Override
    public Integer call() throws CommandException {
      return new KubeSession(surroundings)
          .use(
              "patch ConfigMap " + Names.ISSUER_KEYS_MAP,
              "there is no ConfigMap " + Names.ISSUER_KEYS_MAP + " in namespace " + system.name(),
              this::revoke);
    }

    private int revoke(KubernetesClient client) throws CommandException {
      IssuerKeyNotice notice = new IssuerKeyNotice(client, system.name());
      IssuerKeyNotice.Key key =
          notice
              .key(kid)
              .orElseThrow(
                  () ->
                      CommandException.unusable(
                          "there is no issuer key "
                              + kid
                              + ": write a KID that writ trust show prints, or eight characters of"
                              + " it"));
      if (!key.trusted()) {
        surroundings
            .out()
            .println(key.kid() + " is revoked since " + TrustCommand.moment(key.since()));
        return ExitCode.OK;
      }
      notice.ask(Names.REVOKE_KEY, key.kid());
      if (!Patience.await(
          () ->
              notice.keys().stream()
                  .noneMatch(one -> one.kid().equals(key.kid()) && one.trusted()))) {
        throw Patience.unanswered("removing key " + key.kid());
      }
      surroundings.out().println("every contract of key " + key.kid() + " is dead");
      return ExitCode.OK;
    }
  }
}

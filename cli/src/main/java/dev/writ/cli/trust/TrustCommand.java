package dev.writ.cli.trust;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.writ.cli.CommandException;
import dev.writ.cli.ExitCode;
import dev.writ.cli.Surroundings;
import dev.writ.cli.kube.KubeSession;
import dev.writ.cli.kube.SystemNamespace;
import dev.writ.cli.output.Screen;
import dev.writ.cli.output.Table;
import dev.writ.contract.Names;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code writ trust}. */
@Command(
    name = "trust",
    description = "The keys that the operator signs contracts with.",
    synopsisSubcommandLabel = "COMMAND")
public final class TrustCommand {
  private TrustCommand() {}

  /** The command with its subcommands. */
  public static CommandLine line(Surroundings surroundings) {
    return new CommandLine(new TrustCommand())
        .addSubcommand(new Show(surroundings))
        .addSubcommand(new Rotate(surroundings));
  }

  static String moment(long seconds) {
    return seconds == 0 ? "-" : Instant.ofEpochSecond(seconds).toString();
  }

  @Command(
      name = "show",
      description = {
        "Which keys there are: current signs; next is published and signs once every sidecar has"
            + " it;",
        "old signs nothing and is trusted until its last contract has ended; revoked counts no"
            + " more."
      },
      footer = {
        "",
        "Needs the right to get ConfigMap writ-issuer-keys of the operator's namespace.",
        "Exit codes: 0 printed, 2 the cluster could not be reached or runs no operator."
      })
  static final class Show implements Callable<Integer> {
    private final Surroundings surroundings;

    @Mixin private SystemNamespace system = new SystemNamespace();

    @Option(
        names = {"-o", "--output"},
        paramLabel = "json",
        description = "json: one object with all keys; times in epoch seconds.")
    private @Nullable Output output;

    enum Output {
      json
    }

    Show(Surroundings surroundings) {
      this.surroundings = surroundings;
    }

    @Override
    public Integer call() throws CommandException {
      List<IssuerKeyNotice.Key> keys =
          new KubeSession(surroundings)
              .use(
                  "read ConfigMap " + Names.ISSUER_KEYS_MAP,
                  "there is no namespace " + system.name(),
                  client -> new IssuerKeyNotice(client, system.name()).keys());
      if (output == Output.json) {
        surroundings.out().println(json(keys));
        return ExitCode.OK;
      }
      new Screen(surroundings.out(), surroundings.coloured()).table(table(keys));
      return ExitCode.OK;
    }

    static Table table(List<IssuerKeyNotice.Key> keys) {
      Table table = new Table("KID", "STATE", "SINCE", "LAST CONTRACT ENDS");
      keys.forEach(
          key -> table.row(key.kid(), key.state(), moment(key.since()), moment(key.ends())));
      return table;
    }

    static String json(List<IssuerKeyNotice.Key> keys) {
      try {
        return new ObjectMapper().writeValueAsString(java.util.Map.of("keys", keys));
      } catch (JsonProcessingException e) {
        throw new IllegalStateException("couldn't write keys as JSON", e);
      }
    }
  }

  @Command(
      name = "rotate",
      description = {
        "Has the operator make a new key, publish it to every sidecar, and sign with it once all"
            + " have it.",
        "No call is refused for it. Waits 20 seconds for the new key to sign. A sidecar that does"
            + " not answer delays that to six minutes: then this ends with 2, and the rotation goes"
            + " on. --no-wait only asks."
      },
      footer = {
        "",
        "Needs the right to get and patch ConfigMap writ-issuer-keys of the operator's namespace.",
        "Exit codes: 0 the new key signs (with --no-wait: it is asked for), 2 not confirmed."
      })
  static final class Rotate implements Callable<Integer> {
    private final Surroundings surroundings;

    @Mixin private SystemNamespace system = new SystemNamespace();

    @Option(names = "--no-wait", description = "Ask, and don't wait for the new key to sign.")
    private boolean dontWait;

    Rotate(Surroundings surroundings) {
      this.surroundings = surroundings;
    }

    @Override
    public Integer call() throws CommandException {
      return new KubeSession(surroundings)
          .use(
              "patch ConfigMap " + Names.ISSUER_KEYS_MAP,
              "there is no ConfigMap " + Names.ISSUER_KEYS_MAP + " in namespace " + system.name(),
              client -> {
                IssuerKeyNotice notice = new IssuerKeyNotice(client, system.name());
                String before = notice.keys().getFirst().kid();
                notice.ask(Names.ROTATE_KEY, surroundings.clock().instant().toString());
                if (dontWait) {
                  surroundings.out().println("asked for a new key; writ trust show tells of it");
                  return ExitCode.OK;
                }
                if (!Patience.await(() -> !notice.keys().getFirst().kid().equals(before))) {
                  throw Patience.unanswered("a new key instead of " + before);
                }
                surroundings
                    .out()
                    .println(notice.keys().getFirst().kid() + " signs instead of " + before);
                return ExitCode.OK;
              });
    }
  }
}

package dev.writ.cli.document;

import dev.writ.cli.CommandException;
import dev.writ.cli.ExitCode;
import dev.writ.cli.Surroundings;
import dev.writ.contract.Names;
import dev.writ.contract.SpiffeId;
import dev.writ.contract.document.RevocationList;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code writ revocation}. */
@Command(
    name = "revocation",
    description = "Revocation lists: what no longer counts.",
    synopsisSubcommandLabel = "COMMAND")
public final class RevocationCommand {
  private RevocationCommand() {}

  /** The command with its subcommands. */
  public static CommandLine line(Surroundings surroundings) {
    return new CommandLine(new RevocationCommand()).addSubcommand(new Sign(surroundings));
  }

  @Command(
      name = "sign",
      description = {
        "Signs a revocation list, for WRIT_REVOCATIONS_FILE.",
        "A list replaces the one before it whole, so name everything that is still to be revoked."
      })
  static final class Sign implements Callable<Integer> {
    private final Surroundings surroundings;

    @Option(
        names = "--key",
        required = true,
        paramLabel = "FILE",
        description = "Private key (JWK) of the issuer.")
    private Path key = Path.of("");

    @Option(
        names = "--seq",
        required = true,
        paramLabel = "N",
        description = "Number of the list; must rise with each change.")
    private long seq;

    @Option(names = "--cid", paramLabel = "UUID", description = "A capability; may be repeated.")
    private Set<UUID> cids = new HashSet<>();

    @Option(names = "--jti", paramLabel = "UUID", description = "One contract; may be repeated.")
    private Set<UUID> jtis = new HashSet<>();

    @Option(
        names = "--jkt",
        paramLabel = "THUMBPRINT",
        description = "A holder's key; may be repeated.")
    private Set<String> jkts = new HashSet<>();

    @Option(
        names = "--gen",
        paramLabel = "CID=N",
        description = "Contracts of a capability below this generation; may be repeated.")
    private Map<UUID, Long> gens = new HashMap<>();

    @Option(
        names = "--ttl",
        defaultValue = "24h",
        converter = Lifetime.class,
        description = "Until when it may be used, at most 24h. Default: ${DEFAULT-VALUE}.")
    private Duration ttl = Duration.ZERO;

    @Option(
        names = "--trust-domain",
        defaultValue = Names.TRUST_DOMAIN,
        description = "Default: ${DEFAULT-VALUE}.")
    private String trustDomain = Names.TRUST_DOMAIN;

    @Option(
        names = "--out",
        paramLabel = "FILE",
        description = "Where it goes; standard output if not given.")
    private @Nullable Path out;

    @Option(names = "--force", description = "Replace the file if it exists.")
    private boolean force;

    Sign(Surroundings surroundings) {
      this.surroundings = surroundings;
    }

    @Override
    public Integer call() throws CommandException {
      if (seq < 0 || gens.values().stream().anyMatch(gen -> gen < 0)) {
        throw CommandException.unusable("--seq and --gen must not be negative");
      }
      for (String jkt : jkts) {
        if (!jkt.matches("[A-Za-z0-9_-]{43}")) {
          throw CommandException.unusable("--jkt " + jkt + " is not the thumbprint of a key");
        }
      }
      long now = surroundings.clock().instant().getEpochSecond();
      RevocationList list =
          new RevocationList(
              SpiffeId.issuer(trustDomain),
              now,
              now + ttl.toSeconds(),
              seq,
              texts(cids),
              texts(jtis),
              jkts,
              gens.entrySet().stream()
                  .collect(
                      Collectors.toMap(entry -> entry.getKey().toString(), Map.Entry::getValue)));
      DocumentFiles.write(
          out,
          list.sign(DocumentFiles.privateKey(key, surroundings.err())),
          force,
          surroundings.out());
      return ExitCode.OK;
    }

    private static Set<String> texts(Set<UUID> ids) {
      return ids.stream().map(UUID::toString).collect(Collectors.toSet());
    }
  }
}

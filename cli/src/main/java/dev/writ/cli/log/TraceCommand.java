package dev.writ.cli.log;

import dev.writ.audit.log.LogReader;
import dev.writ.audit.trace.CallJson;
import dev.writ.audit.trace.CallNode;
import dev.writ.audit.trace.CallText;
import dev.writ.audit.trace.CallTrees;
import dev.writ.audit.trace.CapabilityNames;
import dev.writ.audit.trace.TraceQuery;
import dev.writ.cli.CommandException;
import dev.writ.cli.ExitCode;
import dev.writ.cli.Surroundings;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code writ log trace}. */
@Command(
    name = "trace",
    description = {
      "Shows calls as trees: who made them, on whose behalf, what was called under them, and which"
          + " hop was denied and why.",
      "That a call was made under another is what its caller says."
    },
    footer = {
      "",
      "Exit codes: 0 found, 1 no such call, or the log's signature does not hold, 2 the log could"
          + " not be read."
    })
final class TraceCommand implements Callable<Integer> {
  private final Surroundings surroundings;

  @Mixin private LogInput input = new LogInput();

  @ArgGroup(multiplicity = "1")
  private Which which = new Which();

  static final class Which {
    @Option(names = "--trace", paramLabel = "ID", description = "W3C trace id: 32 hex digits.")
    private @Nullable String trace;

    @Option(
        names = "--receipt",
        paramLabel = "R",
        description = "Value of Capability-Receipt: <boot>.<number>.")
    private @Nullable String receipt;

    @Option(
        names = "--capability",
        paramLabel = "NS/NAME",
        description = "All calls under a capability: its namespace and name, or its UID.")
    private @Nullable String capability;
  }

  @Option(
      names = "--proof",
      paramLabel = "DIR",
      description =
          "Also write for each call its record and the proof that it is in the log into this"
              + " folder: RECEIPT.json and RECEIPT.tlog-proof, checked by writ log proof.")
  private @Nullable Path proofs;

  @Option(
      names = {"-o", "--output"},
      paramLabel = "json",
      description = "json: the trees as data.")
  private @Nullable Output output;

  enum Output {
    json
  }

  TraceCommand(Surroundings surroundings) {
    this.surroundings = surroundings;
  }

  @Override
  public Integer call() throws CommandException {
    LogReader log = input.whole(surroundings.err());
    try {
      List<CallNode> trees = CallTrees.find(log.entries(), query(log));
      if (output == Output.json) {
        surroundings.out().println(CallJson.of(trees));
      } else {
        surroundings.out().print(CallText.of(trees, surroundings.coloured()));
      }
      if (trees.isEmpty()) {
        throw CommandException.violated("the log has no such call");
      }
      if (proofs != null) {
        prove(log, trees, proofs);
      }
      return ExitCode.OK;
    } catch (IOException e) {
      throw input.unreadable(e);
    }
  }

  private TraceQuery query(LogReader log) throws IOException, CommandException {
    if (which.trace != null) {
      return new TraceQuery.ByTrace(
          matching("--trace", which.trace, "[0-9a-f]{32}", "32 lower-case hex digits"));
    }
    if (which.receipt != null) {
      return new TraceQuery.ByReceipt(
          matching(
              "--receipt",
              which.receipt,
              "[0-9a-f]{16}\\.[1-9][0-9]{0,17}",
              "<boot>.<number>, the value of Capability-Receipt"));
    }
    String capability = String.valueOf(which.capability);
    if (capability.matches("[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")) {
      return new TraceQuery.ByCid(Set.of(capability));
    }
    Set<String> cids =
        CapabilityNames.cids(
            log.entries(),
            matching("--capability", capability, "[^/]+/[^/]+", "NAMESPACE/NAME or a UID"));
    if (cids.isEmpty()) {
      throw CommandException.violated(
          "the log has no contract of " + capability + "; is it NAMESPACE/NAME?");
    }
    return new TraceQuery.ByCid(cids);
  }

  private static String matching(String option, String value, String pattern, String wanted)
      throws CommandException {
    if (!value.matches(pattern)) {
      throw CommandException.unusable(option + ": \"" + value + "\" is not " + wanted);
    }
    return value;
  }

  private void prove(LogReader log, List<CallNode> trees, Path folder)
      throws IOException, CommandException {
    try {
      Files.createDirectories(folder);
    } catch (IOException e) {
      throw CommandException.unusable("--proof: couldn't make the folder " + folder);
    }
    for (CallNode tree : trees) {
      Files.write(folder.resolve(tree.receipt() + ".json"), log.entries().entry(tree.index()));
      Files.write(
          folder.resolve(tree.receipt() + ".tlog-proof"), log.proof(tree.index()).toBytes());
      prove(log, tree.children(), folder);
    }
  }
}

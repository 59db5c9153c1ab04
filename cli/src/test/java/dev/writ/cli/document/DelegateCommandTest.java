package dev.writ.cli.document;

import static org.assertj.core.api.Assertions.assertThat;

import dev.writ.cli.CommandLineHarness;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A contract of the planner's is handed on to the worker, and from there to nobody. */
class DelegateCommandTest {
  private static final String CAPABILITY =
      """
      apiVersion: writ.dev/v1alpha1
      kind: AgentCapability
      metadata: {name: planner-may-store, namespace: records}
      spec:
        source: {serviceAccount: {name: planner, namespace: plan}}
        targetRef: {kind: Service, name: archive}
        actions:
        - name: store
          http: {methods: [POST], paths: [{type: Exact, value: /v1/documents}]}
        - name: read
          http: {methods: [GET], paths: [{type: Prefix, value: /v1/documents}]}
        limits: {calls: 100}
        delegation: {maxDepth: 1, to: [{serviceAccount: {name: worker, namespace: plan}}]}
      """;

  @TempDir Path folder;
  private final CommandLineHarness writ =
      new CommandLineHarness(Instant.parse("2026-11-23T10:00:00Z"));

  @BeforeEach
  void documents() throws Exception {
    Files.writeString(folder.resolve("capability.yaml"), CAPABILITY);
    run("key", "generate", "--out", file("issuer.jwk"), "--trust-out", file("trust.json"));
    for (String name : List.of("planner", "worker", "clerk")) {
      run("key", "generate", "--out", file(name + ".jwk"), "--public-out", file(name + ".pub"));
      run(
          "identity",
          "issue",
          "--subject",
          "spiffe://cluster.local/ns/plan/sa/" + name,
          "--holder",
          file(name + ".pub"),
          "--key",
          file("issuer.jwk"),
          "--out",
          file(name + ".identity"));
    }
    run(
        "contract",
        "issue",
        "--capability",
        file("capability.yaml"),
        "--holder",
        file("planner.pub"),
        "--key",
        file("issuer.jwk"),
        "--out",
        file("root.jws"));
  }

  @Test
  void aNarrowerChainIsSignedAndVerifies() {
    // When
    int code =
        delegate("root.jws", "planner", "worker", "--action", "store", "--out", file("chain.jws"));

    // Then
    assertThat(code).as(writ.err()).isZero();
    assertThat(verify("--identities", file("worker.identity"))).as(writ.err()).isZero();
    assertThat(writ.out())
        .startsWith("valid: spiffe://cluster.local/ns/plan/sa/worker may store on")
        .contains("until 2026-11-23T10:05:00Z")
        .contains("sa/planner -> spiffe://cluster.local/ns/plan/sa/worker");
    assertThat(verify("--identities", file("clerk.identity"))).isEqualTo(1);
    assertThat(writ.err()).contains("invalid-contract");
    assertThat(verify()).isEqualTo(1);
    assertThat(
            verify(
                "--identities",
                file("worker.identity"),
                "--audience",
                "spiffe://cluster.local/ns/records/svc/other"))
        .isEqualTo(1);
    assertThat(writ.err()).contains("wrong-audience");
    assertThat(verify("--identities", file("worker.identity"), "--at", "2026-11-23T10:06:00Z"))
        .isEqualTo(1);
    assertThat(writ.err()).contains("expired");
  }

  @Test
  void everyWrongUseSaysWhatIsWrong() {
    delegate("root.jws", "planner", "worker", "--out", file("chain.jws"));
    refused("it may be delegated to", "root.jws", "planner", "clerk");
    refused("another key", "root.jws", "worker", "worker");
    refused("actions widen", "root.jws", "planner", "worker", "--action", "purge");
    refused("calls", "root.jws", "planner", "worker", "--calls", "101");
    refused("del_max_depth rises", "root.jws", "planner", "worker", "--max-depth", "2");
    refused("deeper than 1", "chain.jws", "worker", "clerk");
    refused("longer than 15m", "root.jws", "planner", "worker", "--ttl", "16m");
    refused("is no contract", "worker.identity", "planner", "worker");
    refused("exists; --force", "root.jws", "planner", "worker", "--out", file("chain.jws"));
    writ.at("2026-11-23T10:20:00Z");
    refused("not valid now", "root.jws", "planner", "worker");
  }

  /** What the documentation shows is a capability that can be issued and handed on. */
  @Test
  void theCapabilityOfTheDocumentationIsAccepted() throws Exception {
    // Given
    String text = Files.readString(Path.of("../docs/delegation.md"));
    int start = text.indexOf("```yaml\n") + 8;
    Files.writeString(
        folder.resolve("documented.yaml"), text.substring(start, text.indexOf("```\n", start)));
    // When
    int issued =
        run(
            "contract",
            "issue",
            "--capability",
            file("documented.yaml"),
            "--holder",
            file("planner.pub"),
            "--key",
            file("issuer.jwk"),
            "--out",
            file("documented.jws"));
    // Then
    assertThat(issued).as(writ.err()).isZero();
    assertThat(delegate("documented.jws", "planner", "worker")).as(writ.err()).isZero();
  }

  private void refused(String why, String contract, String key, String to, String... more) {
    assertThat(delegate(contract, key, to, more)).isEqualTo(2);
    assertThat(writ.err()).contains(why).hasLineCount(1);
  }

  private int delegate(String contract, String key, String to, String... more) {
    List<String> args =
        new ArrayList<>(
            List.of(
                "contract",
                "delegate",
                "--contract",
                file(contract),
                "--key",
                file(key + ".jwk"),
                "--to",
                file(to + ".identity"),
                "--trust",
                file("trust.json")));
    args.addAll(List.of(more));
    return run(args.toArray(String[]::new));
  }

  private int verify(String... more) {
    List<String> args =
        new ArrayList<>(
            List.of("contract", "verify", file("chain.jws"), "--trust", file("trust.json")));
    args.addAll(List.of(more));
    return run(args.toArray(String[]::new));
  }

  private int run(String... args) {
    return writ.run(args);
  }

  private String file(String name) {
    return folder.resolve(name).toString();
  }
}

package dev.writ.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.BufferedReader;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The clients of docs/client.md, as they stand there, against a gate. */
class ClientsIT {
  private static final Path CLIENTS = Programs.ROOT.resolve("examples/clients");
  private static final int LONGEST = 60;

  @TempDir Path folder;
  private final int app = Programs.freePort();
  private final int gate = Programs.freePort();
  private final int admin = Programs.freePort();
  private Programs programs;
  private Process gateProcess;

  @BeforeEach
  void start() throws Exception {
    programs = new Programs(folder);
    writ("key", "generate", "--out", file("issuer.jwk"), "--trust-out", file("trust.json"));
    writ("key", "generate", "--out", file("agent.jwk"), "--public-out", file("agent.pub.jwk"));
    String jwk = Files.readString(folder.resolve("agent.pub.jwk")).strip();
    Files.writeString(
        folder.resolve("capability.yaml"),
        Files.readString(Programs.ROOT.resolve("examples/billing/capability.yaml"))
            .replace(
                "serviceAccount: {name: billing-agent, namespace: plan}",
                "publicKey: " + jwk.replace(":", ": ") + "\n    contractSecretName: contract"));
    writ(
        "contract",
        "issue",
        "--capability",
        file("capability.yaml"),
        "--holder",
        file("agent.pub.jwk"),
        "--key",
        file("issuer.jwk"),
        "--out",
        file("contract.jws"));
    Process ledger = programs.agent("ledger", Map.of("HOST", "127.0.0.1", "PORT", "" + app));
    programs.awaitReady("ledger", ledger, "http://127.0.0.1:" + app + "/stats");
    startGate();
  }

  @AfterEach
  void stop() {
    programs.close();
  }

  @ParameterizedTest
  @CsvSource({
    "client.py, target/venv/bin/python client.py, ''",
    "client.ts, node target/js/client.js, http://"
  })
  void anAgentWithoutHelperCallsIsRefusedAndGoesOnAfterARestart(
      String source, String program, String scheme) throws Exception {
    // Given
    List<String> parts = List.of(program.split(" ", -1));
    assumeTrue(
        Files.exists(CLIENTS.resolve(program.startsWith("node") ? parts.get(1) : parts.get(0))),
        "the clients are not set up: run examples/clients/setup");
    assertThat(Files.readAllLines(CLIENTS.resolve(source))).hasSizeLessThanOrEqualTo(LONGEST);
    ProcessBuilder builder =
        new ProcessBuilder(
            List.of(
                parts.get(0),
                parts.get(1),
                scheme + "127.0.0.1:" + gate,
                file("agent.jwk"),
                file("contract.jws"),
                "POST",
                "/v1/transfers"));
    builder.directory(CLIENTS.toFile());
    builder.redirectError(folder.resolve("client.err").toFile());
    Process client = builder.start();
    try (Writer in = client.outputWriter(StandardCharsets.UTF_8);
        BufferedReader out = client.inputReader(StandardCharsets.UTF_8)) {
      // When, then
      for (int call = 1; call <= 3; call++) {
        assertThat(pay(in, out, 250)).startsWith("201 ");
      }
      assertThat(pay(in, out, 501)).startsWith("403 ").contains("argument-not-allowed");
      assertThat(pay(in, out, 1)).startsWith("201 ");
      // When: another process answers there, which knows nothing of the challenge
      gateProcess.destroyForcibly().waitFor();
      startGate();
      String next = pay(in, out, 2);
      // Then: the lost connection may be found out by a call
      assertThat(next.startsWith("lost ") ? pay(in, out, 2) : next).startsWith("201 ");
      assertThat(pay(in, out, 3)).startsWith("201 ");
    } finally {
      client.destroy();
    }
    assertThat(programs.get("http://127.0.0.1:" + app + "/stats").body()).contains("\"done\":6");
  }

  @ParameterizedTest
  @CsvSource({"client.py, python", "client.ts, ts"})
  void theDocumentShowsWhatRuns(String source, String language) throws Exception {
    assertThat(Files.readString(Programs.ROOT.resolve("docs/client.md")))
        .contains("```" + language + "\n" + Files.readString(CLIENTS.resolve(source)) + "```\n");
  }

  private String pay(Writer in, BufferedReader out, int amount) throws Exception {
    in.write("{\"amount\":" + amount + ",\"currency\":\"EUR\"}\n");
    in.flush();
    String line = out.readLine();
    assertThat(line).as(Files.readString(folder.resolve("client.err"))).isNotNull();
    return line;
  }

  private void startGate() throws Exception {
    gateProcess =
        programs.sidecar(
            "gate",
            Map.of(
                "WRIT_MODE",
                "standalone",
                "WRIT_SERVICES",
                "spiffe://cluster.local/ns/bank/svc/ledger-agent",
                "WRIT_LISTEN",
                "127.0.0.1:" + gate,
                "WRIT_UPSTREAM",
                "127.0.0.1:" + app,
                "WRIT_TRUST_FILE",
                file("trust.json"),
                "WRIT_STATE_DIR",
                file("gate"),
                "WRIT_ADMIN",
                "127.0.0.1:" + admin));
    programs.awaitReady("gate", gateProcess, "http://127.0.0.1:" + admin + "/readyz");
  }

  private void writ(String... args) throws Exception {
    Programs.Result result = programs.writ(args);
    assertThat(result.code()).as(result.err()).isZero();
  }

  private String file(String name) {
    return folder.resolve(name).toString();
  }
}

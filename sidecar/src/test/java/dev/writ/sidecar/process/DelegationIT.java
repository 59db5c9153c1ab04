package dev.writ.sidecar.process;

import static org.assertj.core.api.Assertions.assertThat;

import dev.writ.contract.Names;
import dev.writ.contract.key.PrivateKey;
import dev.writ.contract.verify.Field;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Planner, worker, clerk and ledger as real processes: in whose name each call is made.
 * (docs/delegation.md)
 */
final class DelegationIT {
  private static final Issuer ISSUER = new Issuer();
  private static final String TRACE = "0af7651916cd43dd8448eb211c8031";
  private static final Pattern RECEIPT = Pattern.compile("\"parent\":\"([^\"]*)\"");
  @TempDir private static Path directory;
  private static App app;
  private static RunningSidecar ledger;
  private static Agent planner;
  private static Agent worker;
  private static Agent clerk;
  private static int traces;

  @BeforeAll
  static void start() throws Exception {
    app = new App();
    Path home = java.nio.file.Files.createDirectory(directory.resolve("ledger"));
    ledger = new RunningSidecar(home, ISSUER, app.port());
    planner = new Agent(directory, ISSUER, "planner");
    worker = new Agent(directory, ISSUER, "worker");
    clerk = new Agent(directory, ISSUER, "clerk");
    String hosts =
        "ledger.bank:80=127.0.0.1:"
            + ledger.port
            + ",worker.plan:80=127.0.0.1:"
            + worker.sidecar.port
            + ",clerk.plan:80=127.0.0.1:"
            + clerk.sidecar.port;
    planner
        .holds(Issuer.service("worker"), 0)
        .holds(Issuer.service("clerk"), 1, "worker")
        .holds(Issuer.SERVICE, 2, "worker", "clerk");
    // The clerk has a right of its own and a rule that forbids it.
    clerk.holds(Issuer.SERVICE, 0).holds(Issuer.service("worker"), 0);
    clerk.sidecar.environment.put("WRIT_DEPUTY", "caller-only");
    for (Agent agent : List.of(planner, worker, clerk)) {
      agent.sidecar.environment.put("WRIT_HOSTS", hosts);
      agent.sidecar.start();
    }
    ledger.start();
  }

  @AfterAll
  static void stop() throws Exception {
    for (AutoCloseable agent : List.of(planner, worker, clerk, app)) {
      agent.close();
    }
    ledger.close();
  }

  @BeforeEach
  void forget() {
    app.seen.clear();
  }

  private static String trace() {
    return "00-" + TRACE + (10 + traces++) + "-b7ad6b7169203331-01";
  }

  private static String lastDecision(RunningSidecar of) {
    return of.records().stream()
        .filter(line -> line.contains("\"decision\""))
        .reduce((_, later) -> later)
        .orElseThrow();
  }

  private static List<String> subjects(String record) {
    List<String> subjects = new ArrayList<>();
    var matcher = Pattern.compile("\"sub\":\"([^\"]*)\"").matcher(record);
    while (matcher.find()) {
      subjects.add(matcher.group(1));
    }
    return subjects;
  }

  @Test
  void theTraceOfTheWorkCarriesThePlannersRightOverTwoHops() throws Exception {
    // When
    HttpResponse<String> reply =
        planner.ask("worker.plan", "clerk.plan,ledger.bank", "trace", "traceparent", trace());

    // Then
    assertThat(reply.statusCode()).as(reply.body()).isEqualTo(200);
    assertThat(app.seen).hasSize(1);
    assertThat(app.seen.getFirst().headers().getFirst("Capability-Chain"))
        .isEqualTo(String.join(", ", planner.workload(), worker.workload(), clerk.workload()));
    assertThat(app.seen.getFirst().headers().getFirst("Capability-Subject"))
        .isEqualTo(clerk.workload());
    // Each record names the whole chain and the record that it follows from.
    String atLedger = lastDecision(ledger);
    String atClerk = lastDecision(clerk.sidecar);
    String atWorker = lastDecision(worker.sidecar);
    assertThat(subjects(atLedger))
        .containsExactly(planner.workload(), worker.workload(), clerk.workload());
    assertThat(subjects(atClerk)).containsExactly(planner.workload(), worker.workload());
    assertThat(subjects(atWorker)).containsExactly(planner.workload());
    assertThat(parent(atLedger)).isEqualTo(receipt(atClerk));
    assertThat(parent(atClerk)).isEqualTo(receipt(atWorker));
  }

  @Test
  void theContextOfTheGateDoesTheSameWithoutATrace() throws Exception {
    HttpResponse<String> reply = planner.ask("worker.plan", "clerk.plan,ledger.bank", "context");

    assertThat(reply.statusCode()).as(reply.body()).isEqualTo(200);
    assertThat(subjects(lastDecision(ledger)))
        .containsExactly(planner.workload(), worker.workload(), clerk.workload());
    assertThat(parent(lastDecision(ledger))).isEqualTo(receipt(lastDecision(clerk.sidecar)));
  }

  @Test
  void withoutEitherTheWorkerHasNoRightAtTheLedger() throws Exception {
    HttpResponse<String> reply =
        planner.ask("worker.plan", "ledger.bank", "none", "traceparent", trace());

    assertThat(reply.statusCode()).isEqualTo(401);
    assertThat(reply.body()).contains("missing-contract");
    assertThat(app.seen).isEmpty();
  }

  @Test
  void aCallerOnlyDeputyDoesNotFallBackOnItsOwnRight() throws Exception {
    HttpResponse<String> reply =
        planner.ask("worker.plan", "clerk.plan,ledger.bank", "trace", "traceparent", trace());
    assertThat(reply.statusCode()).as(reply.body()).isEqualTo(200);

    HttpResponse<String> own = clerk.ask("ledger.bank", "", "none");

    assertThat(own.statusCode()).isEqualTo(403);
    assertThat(own.body()).contains("action-not-granted").contains("in its callers' name alone");
    assertThat(app.seen).hasSize(1);
  }

  @Test
  void aTraceOfTwoCallersGivesNobodysRightAway() throws Exception {
    // Given another holder who calls the worker under the planner's trace
    String trace = trace();
    PrivateKey thief = PrivateKey.generate();
    HttpResponse<String> before =
        planner.ask("worker.plan", "ledger.bank", "trace", "traceparent", trace);
    assertThat(before.statusCode()).as(before.body()).isEqualTo(200);

    // When
    Wire.Reply stolen = call(thief, List.of(), "traceparent: " + trace, "X-Pass: trace");
    HttpResponse<String> planners =
        planner.ask("worker.plan", "ledger.bank", "context", "traceparent", trace);

    // Then
    assertThat(stolen.status()).isEqualTo(403);
    assertThat(stolen.text()).contains("More than one caller uses this trace");
    assertThat(planners.statusCode()).as("the context still tells").isEqualTo(200);
    assertThat(app.seen).hasSize(2);
  }

  @Test
  void whatPassedOverTheWireIsOfNoUseToAnotherCaller() throws Exception {
    // Given a chain for the worker's key, taken from a call of the planner's
    String chain = delegationForWorker();
    PrivateKey thief = PrivateKey.generate();

    // When the thief hands it over under a proof of its own
    Wire.Reply reply =
        call(thief, List.of(new Field(Names.HEADER_DELEGATION, chain)), "X-Pass: context");

    // Then the worker makes its call without it
    assertThat(reply.status()).isEqualTo(401);
    assertThat(reply.text()).contains("missing-contract");
    assertThat(worker.sidecar.metric("writ_delegations_received_total{outcome=\"refused\"}"))
        .isPositive();
    assertThat(app.seen).isEmpty();
  }

  @Test
  void anInventedContextIsRefusedByTheHelper() throws Exception {
    HttpResponse<String> reply =
        planner.ask(
            "ledger.bank", "", "none", "Capability-Context", "00000000000000aa.1.AAAAAAAAAAAAAA");

    assertThat(reply.statusCode()).isEqualTo(400);
    assertThat(reply.body()).contains("not a value that this pod's gate gave");
  }

  @Test
  void theHelperDelegatesOnRequestAndOnlyWhatItMay() throws Exception {
    String chain = delegationForWorker();
    assertThat(chain.split(", ", -1)).hasSize(2);

    HttpResponse<String> toStranger =
        planner.delegate(request(ISSUER.identity("stranger", worker.key.publicKey()), ""));
    HttpResponse<String> wider =
        planner.delegate(
            request(ISSUER.identity("worker", worker.key.publicKey()), ",\"actions\":[\"purge\"]"));
    HttpResponse<String> forged =
        planner.delegate(request(new Issuer().identity("worker", worker.key.publicKey()), ""));
    HttpResponse<String> unknown =
        planner.delegate(
            request(ISSUER.identity("worker", worker.key.publicKey()), ",\"act\":[\"x\"]"));
    HttpResponse<String> nothing = planner.delegate("{}");

    assertThat(toStranger.statusCode()).isEqualTo(400);
    assertThat(toStranger.body()).contains("it may be delegated to");
    assertThat(wider.statusCode()).isEqualTo(400);
    assertThat(wider.body()).contains("actions widen");
    assertThat(forged.statusCode()).isEqualTo(400);
    assertThat(unknown.statusCode()).isEqualTo(400);
    assertThat(nothing.statusCode()).isEqualTo(400);
    assertThat(nothing.body()).contains("no audience");
  }

  private static String request(String identity, String more) {
    return "{\"audience\":\""
        + Issuer.SERVICE
        + "\",\"identity\":\""
        + identity
        + "\",\"seconds\":60"
        + more
        + "}";
  }

  private static String delegationForWorker() throws Exception {
    HttpResponse<String> reply =
        planner.delegate(request(ISSUER.identity("worker", worker.key.publicKey()), ""));
    assertThat(reply.statusCode()).as(reply.body()).isEqualTo(200);
    var matcher = Pattern.compile("\"contract\":\"([^\"]*)\"").matcher(reply.body());
    assertThat(matcher.find()).isTrue();
    return matcher.group(1);
  }

  /** A call of a holder that signs for itself: to the worker, to be passed on to the ledger. */
  private static Wire.Reply call(PrivateKey holder, List<Field> covered, String... extra)
      throws Exception {
    Issuer.Draft draft = ISSUER.contract(holder);
    draft.sub = Issuer.workload("thief");
    draft.aud = Issuer.service("worker");
    byte[] body = "{\"amount\":5}".getBytes(java.nio.charset.StandardCharsets.UTF_8);
    try (Caller caller = new Caller(worker.sidecar.port, holder, draft.sign())) {
      List<String> lines = new ArrayList<>(List.of(extra));
      lines.add("X-Route: ledger.bank");
      caller.wire.send(
          caller.request("POST", Agent.TRANSFERS, "application/json", body, covered, lines));
      return caller.wire.reply(false);
    }
  }

  private static String parent(String record) {
    var matcher = RECEIPT.matcher(record);
    return matcher.find() ? matcher.group(1) : "";
  }

  private static String receipt(String record) {
    var matcher = Pattern.compile("\"boot\":\"([^\"]*)\",\"seq\":(\\d+)").matcher(record);
    return matcher.find() ? matcher.group(1) + "." + matcher.group(2) : "?";
  }
}

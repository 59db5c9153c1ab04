package dev.writ.cli.document;

import static org.assertj.core.api.Assertions.assertThat;

import dev.writ.cli.CommandLineHarness;
import dev.writ.contract.document.RootContract;
import dev.writ.contract.document.TrustBundle;
import dev.writ.contract.key.Ed25519;
import dev.writ.contract.key.PrivateKey;
import dev.writ.contract.key.PublicKey;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class DocumentCommandsTest {
  private static final String CAPABILITY =
      """
      apiVersion: writ.dev/v1alpha1
      kind: AgentCapability
      metadata: {name: billing-may-transfer, namespace: bank}
      spec:
        source:
          serviceAccount: {name: billing-agent, namespace: plan}
        targetRef: {kind: Service, name: ledger-agent}
        actions:
        - name: transfer
          http: {methods: [POST], paths: [{type: Exact, value: /v1/transfers}]}
          arguments:
          - {pointer: /amount, minimum: 0, maximum: 500}
        limits: {calls: 1000}
        validity: {notAfter: "2026-11-23T12:00:00Z"}
      """;

  @TempDir Path folder;
  private final CommandLineHarness writ =
      new CommandLineHarness(Instant.parse("2026-11-23T10:00:00Z"));
  private Path contract;

  @BeforeEach
  void keysAndCapability() throws Exception {
    contract = folder.resolve("contract.jws");
    Files.writeString(folder.resolve("capability.yaml"), CAPABILITY);
    run("key", "generate", "--out", file("issuer.jwk"), "--trust-out", file("trust.json"));
    run("key", "generate", "--out", file("holder.jwk"), "--public-out", file("holder.pub.jwk"));
  }

  @Test
  void aCapabilityBecomesTheContractThatAGateAccepts() throws Exception {
    // Given
    issue("--ttl", "1h");
    // When
    RootContract root =
        RootContract.parse(
            Files.readString(contract).strip(),
            TrustBundle.parse(Files.readString(folder.resolve("trust.json"))),
            Ed25519.bouncyCastle());
    // Then
    assertThat(root.sub()).isEqualTo("spiffe://cluster.local/ns/plan/sa/billing-agent");
    assertThat(root.aud()).isEqualTo("spiffe://cluster.local/ns/bank/svc/ledger-agent");
    assertThat(root.actions()).containsExactly("transfer");
    assertThat(root.limits().calls()).isEqualTo(1000);
    assertThat(Instant.ofEpochSecond(root.exp())).isEqualTo("2026-11-23T11:00:00Z");
    assertThat(root.holder())
        .isEqualTo(PublicKey.fromJwk(Files.readString(folder.resolve("holder.pub.jwk")).strip()));
  }

  @Test
  void aContractDoesNotOutliveItsCapability() throws Exception {
    // Given
    writ.at("2026-11-23T11:30:00Z");
    // When
    issue("--ttl", "24h");
    // Then
    assertThat(
            Instant.ofEpochSecond(
                RootContract.unverified(Files.readString(contract).strip()).exp()))
        .isEqualTo("2026-11-23T12:00:00Z");
  }

  @Test
  void theSameCapabilityGivesTheSameCid() throws Exception {
    // Given
    issue();
    String first = RootContract.unverified(Files.readString(contract).strip()).cid();
    // When
    issue("--force");
    // Then
    assertThat(RootContract.unverified(Files.readString(contract).strip()).cid()).isEqualTo(first);
  }

  @Test
  void aPrivateKeyIsForItsOwnerAloneAndIsNotPrinted() throws Exception {
    // Given
    Path key = folder.resolve("new.jwk");
    // When
    int code = run("key", "generate", "--out", key.toString());
    // Then
    assertThat(code).isZero();
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(key)))
        .isEqualTo("rw-------");
    assertThat(writ.out()).contains("\"x\"").doesNotContain("\"d\"");
  }

  @Test
  void aFileIsReplacedOnlyIfAskedTo() throws Exception {
    // Given
    String before = Files.readString(folder.resolve("issuer.jwk"));
    // When
    int code = run("key", "generate", "--out", file("issuer.jwk"));
    // Then
    assertThat(code).isEqualTo(2);
    assertThat(writ.err())
        .isEqualToIgnoringNewLines("writ: " + file("issuer.jwk") + " exists; --force replaces it");
    assertThat(folder.resolve("issuer.jwk")).hasContent(before);
    assertThat(run("key", "generate", "--out", file("issuer.jwk"), "--force")).isZero();
    assertThat(Files.readString(folder.resolve("issuer.jwk"))).isNotEqualTo(before);
  }

  @Test
  void aValidContractIsVerified() {
    // Given
    issue();
    // When
    int code = run("contract", "verify", contract.toString(), "--trust", file("trust.json"));
    // Then
    assertThat(code).isZero();
    assertThat(writ.out())
        .startsWith("valid: spiffe://cluster.local/ns/plan/sa/billing-agent may transfer on");
  }

  @Test
  void everyRefusalHasItsCode() throws Exception {
    // Given
    issue();
    run("key", "generate", "--out", file("other.jwk"), "--trust-out", file("other.json"));
    String cid = RootContract.unverified(Files.readString(contract).strip()).cid();
    run(
        "revocation",
        "sign",
        "--key",
        file("issuer.jwk"),
        "--seq",
        "1",
        "--cid",
        cid,
        "--out",
        file("list.jws"));
    // When, Then
    refused("expired", "--trust", file("trust.json"), "--at", "2026-11-23T10:15:00Z");
    refused("not-yet-valid", "--trust", file("trust.json"), "--at", "2026-11-23T09:00:00Z");
    refused("invalid-contract", "--trust", file("other.json"));
    refused(
        "wrong-audience",
        "--trust",
        file("trust.json"),
        "--audience",
        "spiffe://cluster.local/ns/bank/svc/other");
    refused("revoked", "--trust", file("trust.json"), "--revocations", file("list.jws"));
  }

  @Test
  void whatCannotBeReadIsSaidInOneLine() throws Exception {
    // Given
    Files.writeString(
        folder.resolve("bad.yaml"), CAPABILITY.replace("maximum: 500", "maximum: -1"));
    Files.writeString(folder.resolve("typo.yaml"), CAPABILITY.replace("limits:", "limit:"));
    // When, Then
    unusable("capability.yaml", "issuer.jwk", "give its public half");
    unusable("bad.yaml", "holder.pub.jwk", "bad.yaml");
    unusable("typo.yaml", "holder.pub.jwk", "spec.limit");
    unusable("missing.yaml", "holder.pub.jwk", "no such file");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "calls: 1000 | calls: lots | spec.limits.calls: must be an integer",
        "calls: 1000 | calls: \"1000\" | spec.limits.calls: must be an integer",
        "calls: 1000 | calls: 5.0 | spec.limits.calls: must be an integer",
        "calls: 1000 | calls: 99999999999999999999999 | spec.limits.calls: must be an integer",
        "calls: 1000 | calls: -5 | spec.limits.calls: must be at least",
        "calls: 1000 | cals: 5 | spec.limits.cals: is not known; there are calls",
        "calls: 1000 | concurrentPerReplica: \"5\" | must be an integer",
        "calls: 1000 | rate: {calls: lots, period: 1m} | spec.limits.rate.calls: must be an"
            + " integer",
        "notAfter: \"2026-11-23T12:00:00Z\" | notAfter: 20261123 | spec.validity.notAfter: must be"
            + " a string",
        "notAfter: | notAftr: | spec.validity.notAftr: is not known",
        "limits: | baseProtocol: deny; limits: | spec.baseProtocol: must be one of",
        "limits: | onExpiry: terminate; limits: | spec.onExpiry: must be one of",
        "limits: | audit: sync; limits: | spec.audit: must be one of",
        "limits: | suspend: true; limits: | suspended"
      })
  void nothingIsSignedOfWhatWouldBeLeftOut(String good, String bad, String message)
      throws Exception {
    // Given
    String changed = CAPABILITY.replace(good, bad.replace("; ", "\n  "));
    assertThat(changed).isNotEqualTo(CAPABILITY);
    Files.writeString(folder.resolve("bad.yaml"), changed);
    // When, Then
    unusable("bad.yaml", "holder.pub.jwk", message);
  }

  @Test
  void aKeyThatCannotBeWrittenWholeLeavesNothingBehind() {
    for (String other : new String[] {"new.jwk", "missing/new.pub", "holder.pub.jwk"}) {
      // When
      int code = run("key", "generate", "--out", file("new.jwk"), "--public-out", file(other));
      // Then
      assertThat(code).as(other).isEqualTo(2);
      assertThat(folder.resolve("new.jwk")).doesNotExist();
    }
    int same = run("key", "generate", "--force", "--out", file("k"), "--public-out", file("./k"));
    assertThat(same).isEqualTo(2);
    assertThat(writ.err()).contains("given twice");
  }

  @Test
  void aContractForAKeyIsForThatKeyAlone() throws Exception {
    // Given
    String source = "serviceAccount: {name: billing-agent, namespace: plan}";
    assertThat(CAPABILITY).contains(source);
    String other = PrivateKey.generate().publicKey().toJwk();
    Files.writeString(
        folder.resolve("bad.yaml"),
        CAPABILITY.replace(source, "publicKey: " + other + "\n    contractSecretName: contract"));
    // When, Then
    unusable("bad.yaml", "holder.pub.jwk", "is not the key that spec.source.publicKey");
  }

  @Test
  void inspectShowsWithoutBelieving() {
    // Given
    issue();
    // When
    int code = run("contract", "inspect", contract.toString());
    // Then
    assertThat(code).isZero();
    assertThat(writ.out()).contains("\"calls\" : 1000").contains("exp 2026-11-23T10:15:00Z");
    assertThat(writ.err()).contains("Nothing of this was verified.");
  }

  @Test
  void aKeyThatEverybodyMayReadIsWarnedOf() throws Exception {
    // Given
    issue();
    assertThat(writ.err()).isEmpty();
    // When
    Files.setPosixFilePermissions(
        folder.resolve("issuer.jwk"), PosixFilePermissions.fromString("rw-r--r--"));
    issue("--force");
    // Then
    assertThat(writ.err())
        .isEqualTo(
            "writ: everybody on this machine may read the private key in %s: chmod 600 %s",
            file("issuer.jwk"), file("issuer.jwk"));
  }

  private void issue(String... more) {
    String[] base = {
      "contract",
      "issue",
      "--capability",
      file("capability.yaml"),
      "--holder",
      file("holder.pub.jwk"),
      "--key",
      file("issuer.jwk"),
      "--out",
      contract.toString()
    };
    String[] all = java.util.Arrays.copyOf(base, base.length + more.length);
    System.arraycopy(more, 0, all, base.length, more.length);
    assertThat(run(all)).as(writ.err()).isZero();
  }

  private void refused(String code, String... options) {
    String[] base = {"contract", "verify", contract.toString()};
    String[] all = java.util.Arrays.copyOf(base, base.length + options.length);
    System.arraycopy(options, 0, all, base.length, options.length);
    assertThat(run(all)).isEqualTo(1);
    assertThat(writ.err()).startsWith("writ: " + code + ":").hasLineCount(1);
  }

  private void unusable(String capability, String holder, String message) {
    int code =
        run(
            "contract",
            "issue",
            "--capability",
            file(capability),
            "--holder",
            file(holder),
            "--key",
            file("issuer.jwk"));
    assertThat(code).isEqualTo(2);
    assertThat(writ.err()).contains(message).hasLineCount(1);
  }

  private int run(String... args) {
    return writ.run(args);
  }

  private String file(String name) {
    return folder.resolve(name).toString();
  }
}

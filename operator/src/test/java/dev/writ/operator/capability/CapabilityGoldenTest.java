package dev.writ.operator.capability;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.writ.contract.Base64Url;
import dev.writ.contract.key.PrivateKey;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/**
 * {@code in-*.yaml} is a spec and the facts around it, {@code out-*.yaml} its conditions and the
 * contract that is minted. {@code -Dgolden=write} writes the second anew.
 */
class CapabilityGoldenTest {
  private static final Path CASES = Path.of("src/test/resources/capability");
  private static final String UID = "1f0c2a9e-0b1d-4e57-9a55-2f5d8a6f3b11";
  private static final Instant CREATED = Instant.parse("2026-11-22T00:00:00Z");

  @TestFactory
  Stream<DynamicTest> everyCase() throws IOException {
    return cases("in-").stream().map(name -> DynamicTest.dynamicTest(name, () -> check(name)));
  }

  @Test
  void noFileIsLeftUnread() throws IOException {
    assertThat(cases("out-")).isEqualTo(cases("in-"));
  }

  private static void check(String name) throws Exception {
    // Given
    ObjectNode in =
        Serialization.unmarshal(Files.readString(CASES.resolve("in-" + name)), ObjectNode.class);
    // When
    String out = Serialization.asYaml(outcome(in));
    // Then
    Path golden = CASES.resolve("out-" + name);
    if ("write".equals(System.getProperty("golden"))) {
      Files.writeString(golden, out);
    }
    assertThat(out).isEqualTo(Files.readString(golden));
  }

  private static JsonNode outcome(ObjectNode in) throws Exception {
    JsonNode facts = in.path("facts");
    long now =
        facts.has("now")
            ? Instant.parse(facts.get("now").asText()).getEpochSecond()
            : CREATED.getEpochSecond() + 60;
    Terms.Subject subject =
        new Terms.Subject("bank", "billing-may-transfer", UID, 3, CREATED.getEpochSecond());
    Acceptance acceptance = new CapabilityReader("cluster.local").read(subject, in.get("spec"));
    ObjectNode out = JsonNodeFactory.instance.objectNode();
    switch (acceptance) {
      case Acceptance.Refused refused -> conditions(out, Verdict.of(refused));
      case Acceptance.Accepted accepted -> {
        int total = facts.path("pods").asInt(1);
        Resolution resolution =
            facts.has("missing")
                ? new Resolution.Unresolved(
                    Reason.valueOf(facts.get("missing").asText()), "It is not there: create it.")
                : new Resolution.Resolved(
                    IntStream.range(0, total).mapToObj(i -> "pod-" + i).collect(Collectors.toSet()),
                    facts.has("bare") ? Set.of("ledger-x") : Set.of());
        CallTotals calls =
            new CallTotals(
                facts.path("used").asLong(0),
                facts.path("held").asLong(0),
                0,
                facts.has("behind") ? facts.get("behind").asText() : null);
        Enforcement enforcement = new Enforcement(facts.path("ready").asInt(total), total, 1);
        Verdict verdict = Verdict.of(accepted.terms(), resolution, enforcement, calls, now);
        conditions(out, verdict);
        if (verdict.issuable()) {
          out.set("contract", contract(accepted.terms(), now));
        }
      }
    }
    return out;
  }

  private static JsonNode contract(Terms terms, long now) throws Exception {
    PrivateKey key = PrivateKey.of(new byte[32]);
    String jws =
        Minting.mint(terms, key.publicKey(), "00000000-0000-4000-8000-000000000001", now).sign(key);
    assertThat(jws.length()).isLessThanOrEqualTo(Minting.size(terms));
    return new ObjectMapper().readTree(Base64Url.decode(List.of(jws.split("\\.", -1)).get(1)));
  }

  private static void conditions(ObjectNode out, Verdict verdict) {
    for (Condition condition : verdict.conditions()) {
      out.put(
          condition.type().word(),
          condition.truth().word() + " " + condition.reason().word() + ": " + condition.message());
    }
    out.put("issuable", verdict.issuable()).put("revoked", verdict.revoked());
  }

  private static Set<String> cases(String prefix) throws IOException {
    try (Stream<Path> files = Files.list(CASES)) {
      return files
          .map(file -> file.getFileName().toString())
          .filter(name -> name.startsWith(prefix))
          .map(name -> name.substring(prefix.length()))
          .collect(Collectors.toCollection(TreeSet::new));
    }
  }
}

package dev.writ.operator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.writ.audit.note.VerifierKey;
import dev.writ.audit.verify.LogVerifier;
import dev.writ.audit.verify.Report;
import dev.writ.contract.key.Ed25519;
import dev.writ.operator.records.S3Server;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.server.mock.EnableKubernetesMockClient;
import io.fabric8.kubernetes.client.server.mock.KubernetesMockServer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfEnvironmentVariable;
import org.junit.jupiter.api.io.TempDir;

/** The operator with its log in a bucket of a real object store. */
@EnableKubernetesMockClient(crud = true)
@EnabledIfEnvironmentVariable(named = S3Server.PROGRAM, matches = ".+")
class BucketLogIT {
  KubernetesMockServer server;
  KubernetesClient client;
  @TempDir Path data;
  @TempDir Path store;
  private S3Server s3;
  private MockCluster cluster;
  private Pod callee;

  @BeforeEach
  void setUp() throws IOException {
    s3 = S3Server.start(store);
    cluster = new MockCluster(server, client, data);
    cluster.serviceAccount("bank", "ledger");
    cluster.service("bank", "ledger", 8080);
    callee = cluster.pod("bank", "ledger-0", "ledger", 8080);
  }

  @AfterEach
  void tearDown() {
    s3.close();
  }

  private OperatorProcess operator(String place) throws Exception {
    return cluster.operator(
        Map.of("WRIT_LOG_STORE", place, "WRIT_LOG_S3_ENDPOINT", s3.endpoint().toString()));
  }

  @Test
  void everyoneVerifiesItAndARestartGoesOnFromTheBucketAlone() throws Exception {
    // Given
    long before;
    try (OperatorProcess operator = operator("s3://" + S3Server.BUCKET + "/prod")) {
      new Sidecars(operator.port(), cluster.ca(), cluster.token(callee)).enrol();
      before = verified(operator).entries();
    }
    // When
    try (OperatorProcess operator = operator("s3://" + S3Server.BUCKET + "/prod")) {
      // Then
      assertThat(verified(operator).entries()).isGreaterThan(before);
    }
    assertThat(Files.exists(data.resolve("log"))).isFalse();
  }

  private Report verified(OperatorProcess operator) throws Exception {
    VerifierKey key =
        VerifierKey.parse(
            client
                .configMaps()
                .inNamespace("writ-system")
                .withName("writ-log-key")
                .get()
                .getData()
                .get("key"));
    Sidecars ledger = new Sidecars(operator.port(), cluster.ca(), cluster.token(callee));
    Report report =
        LogVerifier.verify(ledger.log(), LogVerifier.Options.of(key), Ed25519.bouncyCastle());
    assertThat(report.findings()).isEmpty();
    return report;
  }

  @Test
  void aBucketThatIsNotThereStopsTheStartAndSaysWhatToDo() {
    assertThatThrownBy(() -> operator("s3://nowhere"))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("s3://nowhere/")
        .hasMessageContaining("there is no such bucket: make it, or name another");
  }
}

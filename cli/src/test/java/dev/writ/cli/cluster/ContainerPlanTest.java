package dev.writ.cli.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.ContainerBuilder;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ContainerPlanTest {
  private static final PodAddress ADDRESS = new Loopback(1).pod(7);
  private static final Map<String, Path> VOLUMES =
      Map.of("token", Path.of("/run/pod/token"), "tmp", Path.of("/run/pod/tmp"));
  private static final Pod POD =
      new PodBuilder()
          .withNewMetadata()
          .withNamespace("bank")
          .withName("ledger-1")
          .withUid("0b0e9d6a-58f4-4a13-8a0c-1d2f3a4b5c6d")
          .endMetadata()
          .withNewSpec()
          .endSpec()
          .build();

  @Test
  void addressesAreThoseOfThePod() throws IOException {
    // Given
    Container container =
        sidecar()
            .addNewEnv()
            .withName("WRIT_LISTEN")
            .withValue("[::]:8080,[::]:9090")
            .endEnv()
            .addNewEnv()
            .withName("WRIT_UPSTREAM")
            .withValue("127.0.0.1:8080,127.0.0.1:9090")
            .endEnv()
            .build();
    // When
    ContainerPlan plan = plan(container);
    // Then
    assertThat(plan.environment())
        .containsEntry("WRIT_LISTEN", "127.0.1.7:8080,127.0.1.7:9090")
        .containsEntry("WRIT_UPSTREAM", "127.0.2.7:8080,127.0.2.7:9090");
  }

  @Test
  void pathsOfVolumesAreTheirFolders() throws IOException {
    // Given
    Container container =
        sidecar()
            .addNewEnv()
            .withName("WRIT_TOKEN_FILE")
            .withValue("/var/run/secrets/writ.dev/token")
            .endEnv()
            .addNewEnv()
            .withName("OTHER")
            .withValue("/var/run/secrets/writ.devices")
            .endEnv()
            .build();
    // When
    ContainerPlan plan = plan(container);
    // Then
    assertThat(plan.environment())
        .containsEntry("WRIT_TOKEN_FILE", "/run/pod/token/token")
        .containsEntry("OTHER", "/var/run/secrets/writ.devices");
    assertThat(plan.command())
        .containsExactly("java", "-Djava.io.tmpdir=/run/pod/tmp", "-jar", "x.jar");
  }

  @Test
  void fieldsAndEarlierVariablesAreFilledIn() throws IOException {
    // Given
    Container container =
        sidecar()
            .addNewEnv()
            .withName("POD")
            .withNewValueFrom()
            .withNewFieldRef("v1", "metadata.uid")
            .endValueFrom()
            .endEnv()
            .addNewEnv()
            .withName("ID")
            .withValue("$(POD)/$(UNKNOWN)")
            .endEnv()
            .withArgs("$(ID)", "plain")
            .build();
    // When
    ContainerPlan plan = plan(container);
    // Then
    assertThat(plan.environment())
        .containsEntry("ID", "0b0e9d6a-58f4-4a13-8a0c-1d2f3a4b5c6d/$(UNKNOWN)");
    assertThat(plan.command()).endsWith("0b0e9d6a-58f4-4a13-8a0c-1d2f3a4b5c6d/$(UNKNOWN)", "plain");
  }

  @Test
  void whatIsNotSupportedIsNamed() {
    // Given
    Container container =
        sidecar()
            .addNewEnv()
            .withName("SECRET")
            .withNewValueFrom()
            .withNewSecretKeyRef("key", "name", false)
            .endValueFrom()
            .endEnv()
            .build();
    // When, Then
    assertThatThrownBy(() -> plan(container))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("SECRET");
  }

  private static ContainerBuilder sidecar() {
    return new ContainerBuilder()
        .withName("writ-sidecar")
        .withImage("x")
        .addNewVolumeMount()
        .withName("token")
        .withMountPath("/var/run/secrets/writ.dev")
        .endVolumeMount()
        .addNewVolumeMount()
        .withName("tmp")
        .withMountPath("/tmp")
        .endVolumeMount();
  }

  private static ContainerPlan plan(Container container) throws IOException {
    List<String> image = List.of("java", "-Djava.io.tmpdir={tmp}", "-jar", "x.jar");
    return ContainerPlan.of(POD, container, ADDRESS, image, VOLUMES);
  }
}

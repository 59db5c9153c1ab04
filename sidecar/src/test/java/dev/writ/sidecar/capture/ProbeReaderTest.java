package dev.writ.sidecar.capture;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.writ.contract.MalformedException;
import dev.writ.sidecar.capture.Probe.Header;
import dev.writ.sidecar.capture.Probe.Question;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class ProbeReaderTest {
  @Test
  void everyKindIsRead() throws MalformedException {
    // Given
    String text =
        """
        [{"path":"/a/livenessProbe","kind":"https","port":8443,"seconds":2,"target":"/h?x=1","headers":[{"name":"X","value":"1"}]},
         {"path":"/a/readinessProbe","kind":"tcp","port":1,"seconds":1},
         {"path":"/a/startupProbe","kind":"grpc","port":65535,"seconds":1,"service":"s"},
         {"path":"/a/preStop","kind":"http","port":80,"seconds":0,"target":"/","headers":[]}]
        """;
    // When
    List<Probe> probes = ProbeReader.read(text);
    // Then
    assertThat(probes)
        .containsExactly(
            new Probe(
                "/a/livenessProbe",
                8443,
                2,
                new Question.Http(true, "/h?x=1", List.of(new Header("X", "1")))),
            new Probe("/a/readinessProbe", 1, 1, new Question.Tcp()),
            new Probe("/a/startupProbe", 65_535, 1, new Question.Grpc("s")),
            new Probe("/a/preStop", 80, 0, new Question.Http(false, "/", List.of())));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "{}",
        "[1]",
        "[{}]",
        "[{\"path\":\"/a\",\"kind\":\"udp\",\"port\":1,\"seconds\":1}]",
        "[{\"path\":\"a\",\"kind\":\"tcp\",\"port\":1,\"seconds\":1}]",
        "[{\"path\":\"/a\",\"kind\":\"tcp\",\"port\":0,\"seconds\":1}]",
        "[{\"path\":\"/a\",\"kind\":\"tcp\",\"port\":65536,\"seconds\":1}]",
        "[{\"path\":\"/a\",\"kind\":\"tcp\",\"port\":1.5,\"seconds\":1}]",
        "[{\"path\":\"/a\",\"kind\":\"tcp\",\"port\":1,\"seconds\":-1}]",
        "[{\"path\":\"/a\",\"kind\":\"tcp\",\"port\":1}]",
        "[{\"path\":\"/a\",\"kind\":\"tcp\",\"port\":1,\"seconds\":1,\"host\":\"x\"}]",
        "[{\"path\":\"/a\",\"kind\":\"tcp\",\"port\":1,\"seconds\":1},{\"path\":\"/a\",\"kind\":\"tcp\",\"port\":2,\"seconds\":1}]",
        "[{\"path\":\"/a\",\"kind\":\"http\",\"port\":1,\"seconds\":1,\"target\":\"x\",\"headers\":[]}]",
        "[{\"path\":\"/a\",\"kind\":\"tcp\",\"port\":1,\"seconds\":1}]]",
        "[{\"path\":\"/a\",\"kind\":\"tcp\",\"port\":1,\"seconds\":1}"
      })
  void whatTheWebhookWouldNotWriteIsRefused(String text) {
    assertThatThrownBy(() -> ProbeReader.read(text)).isInstanceOf(MalformedException.class);
  }
}

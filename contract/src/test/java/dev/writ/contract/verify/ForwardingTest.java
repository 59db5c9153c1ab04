package dev.writ.contract.verify;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** What does not pass the gate (protocol.md, step 14). */
class ForwardingTest {
  @Test
  void whatTheAppMustNotSeeIsStripped() {
    for (String name :
        List.of(
            "Capability-Subject",
            "capability_subject",
            "CAPABILITY-x",
            "Capability_Anything-else",
            "Capability.Subject",
            "capability~Subject",
            "X.Original!URL",
            "Signature",
            "signature-INPUT",
            "signature_input",
            "Connection",
            "keep-alive",
            "TE",
            "Trailer",
            "Transfer-Encoding",
            "Upgrade",
            "HTTP2-Settings",
            "Proxy-Connection",
            "X-HTTP-Method-Override",
            "x_http_method_override",
            "X-HTTP-Method",
            "X-Method-Override",
            "X-Original-URL",
            "X_Rewrite_URL",
            "X-Hop")) {
      assertThat(Forwarding.stripRequest(name, Set.of("x-hop"))).as(name).isTrue();
    }
    for (String name :
        List.of(
            "X-Original-URLs",
            "X-Request-Id",
            "Content-Type",
            "Content-Digest",
            "Capabilities",
            "Host")) {
      assertThat(Forwarding.stripRequest(name, Set.of("x-hop"))).as(name).isFalse();
    }
  }

  @Test
  void theAppCannotSpeakForTheGate() {
    assertThat(Forwarding.stripReply("Capability-Receipt", Set.of())).isTrue();
    assertThat(Forwarding.stripReply("capability_remaining", Set.of())).isTrue();
    assertThat(Forwarding.stripReply("X-Original-URL", Set.of())).isFalse();
    assertThat(Forwarding.stripReply("x-hop", Set.of("x-hop"))).isTrue();
  }

  @Test
  void connectionNamesAreFolded() {
    List<Field> fields =
        List.of(new Field("connection", "Close, X_Hop"), new Field("Connection", "te"));

    assertThat(Forwarding.connection(fields)).containsExactlyInAnyOrder("close", "x-hop", "te");
  }
}

package dev.writ.operator.capability;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** What docs/actions.md shows is what the operator accepts. */
class ActionsPageTest {
  private static final Pattern SNIPPET = Pattern.compile("```yaml\n(.*?)```", Pattern.DOTALL);

  @Test
  void everySnippetIsAccepted() throws IOException {
    String page = Files.readString(Path.of("../docs/actions.md"));
    List<Acceptance> read = new ArrayList<>();
    for (Matcher snippet = SNIPPET.matcher(page); snippet.find(); ) {
      ObjectNode spec = new ObjectMapper().createObjectNode();
      spec.putObject("source").putObject("serviceAccount").put("name", "a").put("namespace", "b");
      spec.putObject("targetRef").put("kind", "Service").put("name", "c");
      spec.set(
          "actions",
          new ObjectMapper().valueToTree(Serialization.unmarshal(snippet.group(1), List.class)));
      read.add(
          new CapabilityReader("cluster.local")
              .read(
                  new Terms.Subject("bank", "c", "1f0c2a9e-0b1d-4e57-9a55-2f5d8a6f3b11", 1, 0),
                  spec));
    }
    assertThat(read).hasSize(6).allMatch(one -> one instanceof Acceptance.Accepted);
  }
}

package dev.writ.contract;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

/**
 * {@code docs/errors.md} says what {@link ErrorCode} says; {@code -Dwrit.golden=write} writes it.
 */
class ErrorsDocumentTest {
  private static final Path DOCUMENT = Path.of("..", "docs", "errors.md");
  private static final String BEGIN =
      "| code | status | what it says | what to do |\n|---|---|---|---|\n";

  @Test
  void theDocumentHasEveryCodeInItsWords() throws IOException {
    String document = Files.readString(DOCUMENT);
    int begin = document.indexOf(BEGIN);
    assertThat(begin).as("the head of the table").isPositive();
    int end = document.indexOf("\n\n", begin);
    String table = table();
    if ("write".equals(System.getProperty("writ.golden"))) {
      Files.writeString(DOCUMENT, document.substring(0, begin) + table + document.substring(end));
    }
    assertThat(Files.readString(DOCUMENT)).contains(table);
  }

  private static String table() {
    StringBuilder table = new StringBuilder(BEGIN);
    for (ErrorCode code : ErrorCode.values()) {
      table
          .append("| `")
          .append(code.code())
          .append("` | ")
          .append(code.status())
          .append(" | ")
          .append(code.title())
          .append(" | ")
          .append(code.detail())
          .append(" |\n");
    }
    return table.substring(0, table.length() - 1);
  }
}

package dev.writ.cli.output;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class TableTest {
  @Test
  void columnsAreAsWideAsTheirWidestCell() {
    // Given
    Table table = new Table("CALL", "REASON");
    // When
    table.row("transfer of 250", "").row("x", "replayed");
    // Then
    assertThat(table.lines())
        .containsExactly(
            "CALL              REASON", "transfer of 250", "x                 replayed");
  }

  @Test
  void aCellCannotBreakTheLineOrColourTheTerminal() {
    // Given
    Table table = new Table("A", "B");
    // When
    table.row("one\ntwo", "\u001b[31mred");
    // Then
    assertThat(table.lines()).containsExactly("A         B", "one two    [31mred");
  }

  @Test
  void aRowOfAnotherLengthIsRefused() {
    // Given
    Table table = new Table("A", "B");
    // When, Then
    assertThatThrownBy(() -> table.row("only"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("cells: 2 are due, not 1");
  }
}

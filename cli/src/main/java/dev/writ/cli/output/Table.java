package dev.writ.cli.output;

import java.util.ArrayList;
import java.util.List;

/** Columns as wide as their widest cell, three spaces apart, as kubectl prints them. */
public final class Table {
  private static final String GAP = "   ";

  private final List<List<String>> rows = new ArrayList<>();
  private final int columns;

  /** A table with these headings. */
  public Table(String... headings) {
    columns = headings.length;
    rows.add(List.of(headings));
  }

  /**
   * Adds a row.
   *
   * @param cells as many as there are headings; line breaks and control characters become spaces
   */
  public Table row(String... cells) {
    if (cells.length != columns) {
      throw new IllegalArgumentException("cells: " + columns + " are due, not " + cells.length);
    }
    List<String> row = new ArrayList<>();
    for (String cell : cells) {
      row.add(cell.replaceAll("\\p{Cntrl}", " "));
    }
    rows.add(List.copyOf(row));
    return this;
  }

  /** Whether there is no row below the headings. */
  public boolean isEmpty() {
    return rows.size() == 1;
  }

  /** The lines, headings first, without spaces at their ends. */
  public List<String> lines() {
    int[] widths = new int[columns];
    for (List<String> row : rows) {
      for (int column = 0; column < columns; column++) {
        widths[column] = Math.max(widths[column], row.get(column).length());
      }
    }
    return rows.stream().map(row -> line(row, widths)).toList();
  }

  private static String line(List<String> row, int[] widths) {
    var line = new StringBuilder();
    for (int column = 0; column < row.size(); column++) {
      String cell = row.get(column);
      line.append(cell).append(" ".repeat(widths[column] - cell.length())).append(GAP);
    }
    return line.toString().stripTrailing();
  }
}

package dev.writ.contract.verify;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * A parser of raw heads that reads all it can, as lenient HTTP libraries do: what it lets through,
 * framing must refuse.
 */
final class RawHead {
  private RawHead() {}

  /** Null when there is no request in it that any parser reads. */
  static RequestHead parse(byte[] raw) {
    String text = new String(raw, StandardCharsets.ISO_8859_1);
    String[] lines = text.split("\r?\n", -1);
    String[] start = lines[0].split(" ", -1);
    if (start.length != 3 || !start[2].matches("HTTP/1\\.[01]")) {
      return null;
    }
    List<Field> fields = new ArrayList<>();
    for (int i = 1; i < lines.length && !lines[i].isEmpty(); i++) {
      int colon = lines[i].indexOf(':');
      if (colon < 0) {
        return null;
      }
      fields.add(new Field(lines[i].substring(0, colon), trim(lines[i].substring(colon + 1))));
    }
    return new RequestHead(start[0], start[1], fields);
  }

  private static String trim(String value) {
    int from = 0;
    int to = value.length();
    while (from < to && " \t".indexOf(value.charAt(from)) >= 0) {
      from++;
    }
    while (to > from && " \t".indexOf(value.charAt(to - 1)) >= 0) {
      to--;
    }
    return value.substring(from, to);
  }
}

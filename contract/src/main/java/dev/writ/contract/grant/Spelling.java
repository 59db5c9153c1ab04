package dev.writ.contract.grant;

import dev.writ.contract.json.JsonValue.JsonObject;
import java.text.Normalizer;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/**
 * The member names that some parser gives a meaning to, and how they may be spelled. Parsers differ
 * on case, full width, hidden characters and underscores, so a name that reads as a known one has
 * to be written as that one, and at most once in whatever spelling. (actions.md, Strict bodies)
 */
final class Spelling {
  private final Map<String, Set<String>> allowed = new HashMap<>();

  private Spelling() {}

  /** Each name in exactly this spelling. */
  static Spelling exact(String... names) {
    Spelling spelling = new Spelling();
    for (String name : names) {
      spelling.allowed.put(fold(name), Set.of(name));
    }
    return spelling;
  }

  /** As ProtoJSON reads them: each name also in snake case, {@code taskId} as {@code task_id}. */
  static Spelling proto(String... names) {
    Spelling spelling = new Spelling();
    for (String name : names) {
      spelling.allowed.put(fold(name), Set.copyOf(Arrays.asList(name, snake(name))));
    }
    return spelling;
  }

  /** Throws when a member reads as a known one and is not written so, or two read as one. */
  void check(JsonObject object) throws GrantException {
    Set<String> seen = new HashSet<>();
    for (String name : object.members().keySet()) {
      String folded = fold(name);
      Set<String> spellings = allowed.get(folded);
      if (spellings != null && (!spellings.contains(name) || !seen.add(folded))) {
        throw GrantException.malformed("member name folds to a known one");
      }
    }
  }

  /** The same, and throws on a member that is not known. */
  void checkAll(JsonObject object) throws GrantException {
    check(object);
    for (String name : object.members().keySet()) {
      if (!allowed.containsKey(fold(name))) {
        throw GrantException.malformed("unknown member of the envelope");
      }
    }
  }

  /** The name in snake case. */
  static String snake(String camel) {
    StringBuilder snake = new StringBuilder();
    for (int i = 0; i < camel.length(); i++) {
      char c = camel.charAt(i);
      if (c >= 'A' && c <= 'Z') {
        snake.append('_').append((char) (c + 32));
      } else {
        snake.append(c);
      }
    }
    return snake.toString();
  }

  /** Lower case, without underscores, compatibility characters replaced, hidden ones left out. */
  private static String fold(String name) {
    if (isPlain(name)) {
      return name;
    }
    String normal = Normalizer.normalize(name, Normalizer.Form.NFKC);
    StringBuilder visible = new StringBuilder(normal.length());
    normal.codePoints().filter(Spelling::isVisible).forEach(visible::appendCodePoint);
    return visible.toString().toUpperCase(Locale.ROOT).toLowerCase(Locale.ROOT).strip();
  }

  private static boolean isVisible(int c) {
    return c != '_'
        && !List.of((int) Character.CONTROL, (int) Character.FORMAT).contains(Character.getType(c));
  }

  private static boolean isPlain(String name) {
    for (int i = 0; i < name.length(); i++) {
      if (name.charAt(i) < 'a' || name.charAt(i) > 'z') {
        return false;
      }
    }
    return true;
  }
}

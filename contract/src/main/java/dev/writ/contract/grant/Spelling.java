package dev.writ.contract.grant;

import dev.writ.contract.json.JsonValue.JsonObject;
import java.text.Normalizer;
import java.util.Arrays;
import java.util.Collection;
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

  /** Whether one of these names is not that one, but some parser may read it so. */
  static boolean hasDouble(Collection<String> names, String name) {
    String folded = fold(name);
    for (String other : names) {
      if (!other.equals(name) && fold(other).equals(folded)) {
        return true;
      }
    }
    return false;
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
    if (isAscii(name)) {
      return foldAscii(name);
    }
    String normal = Normalizer.normalize(name, Normalizer.Form.NFKC);
    StringBuilder visible = new StringBuilder(normal.length());
    normal.codePoints().filter(Spelling::isVisible).forEach(visible::appendCodePoint);
    return visible.toString().toUpperCase(Locale.ROOT).toLowerCase(Locale.ROOT).strip();
  }

  /** The same for what most names are: a body may have a hundred thousand of them. */
  private static String foldAscii(String name) {
    StringBuilder visible = new StringBuilder(name.length());
    for (int i = 0; i < name.length(); i++) {
      char c = name.charAt(i);
      if (c >= 'A' && c <= 'Z') {
        visible.append((char) (c + 32));
      } else if (c >= ' ' && c != '_' && c < 0x7f) {
        visible.append(c);
      }
    }
    return visible.toString().strip();
  }

  private static boolean isAscii(String name) {
    for (int i = 0; i < name.length(); i++) {
      if (name.charAt(i) >= 0x80) {
        return false;
      }
    }
    return true;
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

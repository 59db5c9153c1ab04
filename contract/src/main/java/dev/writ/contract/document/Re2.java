package dev.writ.contract.document;

import com.google.re2j.Pattern;
import com.google.re2j.PatternSyntaxException;
import dev.writ.contract.MalformedException;
import org.jspecify.annotations.Nullable;

/**
 * A pattern of RE2 syntax, anchored at both ends. It is compiled only when its document was
 * verified, or strangers could make a gate compile. Immutable but for that.
 */
public final class Re2 {
  private static final int MAX_LENGTH = 256;
  private static final int LARGE = 512;

  private final String text;
  private final long states;
  private volatile @Nullable Pattern compiled;

  private Re2(String text, long states) {
    this.text = text;
    this.states = states;
  }

  /** Takes the text without compiling it; one that is too long or would be too large throws. */
  static Re2 uncompiled(String text) throws MalformedException {
    if (text.codePointCount(0, text.length()) > MAX_LENGTH) {
      throw new MalformedException("pattern: longer than " + MAX_LENGTH);
    }
    long states = PatternSize.states(text);
    if (states > PatternSize.MAX_STATES) {
      throw new MalformedException("pattern: repeats too much");
    }
    return new Re2(text, states);
  }

  /** Takes and compiles it; anything but RE2 throws. */
  public static Re2 of(String text) throws MalformedException {
    Re2 pattern = uncompiled(text);
    pattern.compile();
    return pattern;
  }

  /** Compiles it, once; throws when it is not RE2. */
  void compile() throws MalformedException {
    if (compiled == null) {
      try {
        compiled = Pattern.compile(text);
      } catch (PatternSyntaxException e) {
        throw new MalformedException("pattern: not RE2");
      }
    }
  }

  /** How many states it compiles to, estimated. */
  long states() {
    return states;
  }

  /** Whether it matches all of the text; a text beyond all measure it does not. */
  public boolean matches(String value) {
    Pattern pattern = compiled;
    if (pattern == null) {
      throw new IllegalStateException("pattern of a document that nobody verified");
    }
    boolean large = value.length() > LARGE && value.length() * states > PatternSize.MAX_WORK;
    return !large && pattern.matches(value);
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof Re2 that && text.equals(that.text);
  }

  @Override
  public int hashCode() {
    return text.hashCode();
  }

  /** As written. */
  @Override
  public String toString() {
    return text;
  }
}

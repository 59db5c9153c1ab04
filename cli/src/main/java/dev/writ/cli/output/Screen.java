package dev.writ.cli.output;

import java.io.PrintStream;
import java.time.Duration;
import java.util.Locale;

/** Where a long command says what it does, with the time since its start. Safe for many threads. */
public final class Screen {
  /** What a line is about; decides its colour. */
  public enum Tone {
    /** Nothing special. */
    PLAIN(""),
    /** A heading. */
    TITLE("1"),
    /** A call that was let through, a check that holds. */
    GOOD("32"),
    /** A refusal, which is what it should be. */
    REFUSED("33"),
    /** Something went wrong. */
    BAD("31");

    private final String code;

    Tone(String code) {
      this.code = code;
    }
  }

  private final PrintStream out;
  private final boolean coloured;
  private final long start = System.nanoTime();

  /**
   * Writes to {@code out}.
   *
   * @param coloured whether it is a terminal that shows colours
   */
  public Screen(PrintStream out, boolean coloured) {
    this.out = out;
    this.coloured = coloured;
  }

  /** A heading, after an empty line. */
  public synchronized void title(String text) {
    out.println();
    print(Tone.TITLE, text);
  }

  /** A line with the time since the start. */
  public synchronized void step(Tone tone, String text) {
    double seconds = Duration.ofNanos(System.nanoTime() - start).toMillis() / 1000.0;
    print(tone, String.format(Locale.ROOT, "%5.1fs  %s", seconds, text));
  }

  /** A line as it is. */
  public synchronized void line(String text) {
    print(Tone.PLAIN, text);
  }

  /** A line that says how something went. */
  public synchronized void tone(Tone tone, String text) {
    print(tone, text);
  }

  /** A table, its headings emphasised. */
  public synchronized void table(Table table) {
    boolean heading = true;
    for (String line : table.lines()) {
      print(heading ? Tone.TITLE : Tone.PLAIN, line);
      heading = false;
    }
  }

  private void print(Tone tone, String text) {
    boolean plain = !coloured || tone.code.isEmpty();
    out.println(plain ? text : "\u001b[" + tone.code + "m" + text + "\u001b[0m");
    out.flush();
  }
}

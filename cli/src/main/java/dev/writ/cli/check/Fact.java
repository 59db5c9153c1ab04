package dev.writ.cli.check;

/**
 * One line of a check, phrased as what should hold.
 *
 * @param statement the healthy state
 * @param state whether it holds
 * @param remedy what to do, empty when nothing is to be done
 */
record Fact(String statement, State state, String remedy) {
  /** One line each for a terminal, whatever stands in an object of the cluster. */
  Fact {
    statement = statement.replaceAll("\\p{Cntrl}+", " ");
    remedy = remedy.replaceAll("\\p{Cntrl}+", " ");
  }

  /** Whether a statement holds. */
  enum State {
    /** It does. */
    HOLDS("ok"),
    /** It does, but somebody should look. */
    WARNS("warn"),
    /** It does not: the check fails. */
    FAILS("FAIL");

    private final String word;

    State(String word) {
      this.word = word;
    }

    String word() {
      return word;
    }
  }

  static Fact holds(String statement) {
    return new Fact(statement, State.HOLDS, "");
  }

  static Fact warns(String statement, String remedy) {
    return new Fact(statement, State.WARNS, remedy);
  }

  static Fact fails(String statement, String remedy) {
    return new Fact(statement, State.FAILS, remedy);
  }

  /** Holds if it does, else fails with the remedy. */
  static Fact of(boolean holds, String statement, String remedy) {
    return holds ? holds(statement) : fails(statement, remedy);
  }
}

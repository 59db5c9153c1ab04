package dev.writ.sidecar.spent;

import java.util.Map;

/** A boot of this pod that left something behind and is dead: its lock was free. */
public sealed interface Predecessor {
  /** 16 lower-case hex digits. */
  String boot();

  /**
   * What it let through is known.
   *
   * @param spent calls by name of the counter; one that is not there was never asked for
   */
  record Counted(String boot, Map<String, Long> spent) implements Predecessor {
    public Counted {
      spent = Map.copyOf(spent);
    }
  }

  /**
   * What it let through is not known: the file is damaged, of another kernel boot or of another
   * pod.
   */
  record Lost(String boot, String why) implements Predecessor {}
}

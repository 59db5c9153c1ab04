package dev.writ.cli.trust;

import dev.writ.cli.CommandException;
import java.util.concurrent.TimeUnit;

/** Waits for what the operator makes of a request. */
final class Patience {
  private static final long STEP_MILLIS = 200;
  private static final long SECONDS = 20;

  private Patience() {}

  /** A question to the cluster. */
  @FunctionalInterface
  interface Question {
    boolean answer() throws CommandException;
  }

  /** Whether it came true in time. */
  static boolean await(Question question) throws CommandException {
    for (long waited = 0; waited < TimeUnit.SECONDS.toMillis(SECONDS); waited += STEP_MILLIS) {
      if (question.answer()) {
        return true;
      }
      try {
        Thread.sleep(STEP_MILLIS);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        return false;
      }
    }
    return false;
  }

  /** What to say when it did not. */
  static CommandException unanswered(String asked) {
    return CommandException.unusable(
        asked
            + ": asked, and not confirmed within "
            + SECONDS
            + " s. The operator acts on it as soon as it runs; its log and Events say why if it"
            + " can't.");
  }
}

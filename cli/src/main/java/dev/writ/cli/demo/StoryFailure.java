package dev.writ.cli.demo;

/** Something is not as the story says it must be; the message says what was found. */
final class StoryFailure extends Exception {
  private static final long serialVersionUID = 1;

  StoryFailure(String message) {
    super(message);
  }

  /** Throws unless {@code holds}. */
  static void unless(boolean holds, String message) throws StoryFailure {
    if (!holds) {
      throw new StoryFailure(message);
    }
  }
}

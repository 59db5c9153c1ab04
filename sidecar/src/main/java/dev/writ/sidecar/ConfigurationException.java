package dev.writ.sidecar;

/**
 * A configuration that cannot be started with. The message names the variable and says what is
 * wrong with it, never a secret.
 */
public final class ConfigurationException extends Exception {
  private static final long serialVersionUID = 1L;

  /** Names the variable, says what is wrong. */
  public ConfigurationException(String variable, String problem) {
    super(variable + ": " + problem);
  }
}

package dev.writ.operator.config;

/**
 * The environment does not describe an operator that could run; the message names the variable and
 * says what to write.
 */
public final class ConfigurationException extends Exception {
  private static final long serialVersionUID = 1L;

  ConfigurationException(String message) {
    super(message);
  }
}

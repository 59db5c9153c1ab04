package dev.writ.sidecar.gate;

import dev.writ.sidecar.Address;

/** A port that cannot be listened on. */
public final class ListenException extends Exception {
  private static final long serialVersionUID = 1L;

  ListenException(Address address, Throwable cause) {
    super("couldn't listen on " + address + ": " + cause.getMessage(), cause);
  }
}

package dev.writ.operator.inject;

import dev.writ.contract.Names;

/** How calls from outside are led to the gate. (injection.md, Capture) */
enum CaptureMode {
  /** By nftables, before the app starts; the app binds where it likes. */
  REDIRECT(Names.CAPTURE_REDIRECT),
  /** By having the port first on every address but loopback; the app binds 127.0.0.1. */
  LOOPBACK(Names.CAPTURE_LOOPBACK);

  private final String value;

  CaptureMode(String value) {
    this.value = value;
  }

  /** Value of the annotation and of the sidecar's variable. */
  String value() {
    return value;
  }
}

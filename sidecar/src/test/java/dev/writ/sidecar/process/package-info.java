/** Tests of the real process over real sockets, and the actors they need: issuer, app, caller. */
@NullMarked
package dev.writ.sidecar.process;

import org.jspecify.annotations.NullMarked;

package dev.writ.operator.revoke;

/**
 * A signed revocation list as it goes to sidecars.
 *
 * @param epoch of this push; a sidecar that says it applied it has the list
 * @param seq of the list
 * @param jws the list
 */
public record SignedList(long epoch, long seq, String jws) {}

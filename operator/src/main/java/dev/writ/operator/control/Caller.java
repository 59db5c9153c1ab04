package dev.writ.operator.control;

import dev.writ.operator.cluster.InjectedPod;

/**
 * A sidecar that proved to be in this pod.
 *
 * @param tokenDigest base64url SHA-256 of the token it showed
 * @param tokenExpires epoch second
 */
record Caller(InjectedPod pod, String tokenDigest, long tokenExpires) {}

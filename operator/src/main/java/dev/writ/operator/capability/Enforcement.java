package dev.writ.operator.capability;

/**
 * How far the gates of the target are.
 *
 * @param ready pods that confirmed the last change
 * @param total injected pods behind the target
 * @param holders pods of the source that hold a live contract
 */
public record Enforcement(int ready, int total, int holders) {}

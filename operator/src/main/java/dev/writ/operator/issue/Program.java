package dev.writ.operator.issue;

import dev.writ.operator.capability.Terms;

/**
 * An accepted capability as the issuer sees it now.
 *
 * @param issuable whether contracts are minted from the terms
 * @param epoch of its last change: gates that applied it have heard of it
 */
public record Program(Terms terms, boolean issuable, long epoch) {}

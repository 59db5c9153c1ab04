package dev.writ.operator.ledger;

/**
 * The window of time that one leader claimed before its first grant in it; no other leader grants
 * in it, nor in an earlier one of that length. (quota.md, Rates and concurrency)
 *
 * @param seconds length of the window
 * @param start epoch seconds on that leader's clock, a multiple of {@code seconds}
 * @param leader unique for each start of a leader's process, since what it granted is in its memory
 */
public record RateClaim(long seconds, long start, String leader) {}

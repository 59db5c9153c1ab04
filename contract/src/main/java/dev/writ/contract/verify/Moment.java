package dev.writ.contract.verify;

/**
 * Both clocks, read together.
 *
 * @param epochSeconds wall clock
 * @param monotonicMillis a clock that only goes forward, from any start that is not negative
 */
public record Moment(long epochSeconds, long monotonicMillis) {}

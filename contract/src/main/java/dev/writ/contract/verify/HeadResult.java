package dev.writ.contract.verify;

/** The outcome of steps 1 to 8. */
public sealed interface HeadResult permits Proven, Refusal {}

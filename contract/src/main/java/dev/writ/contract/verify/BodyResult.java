package dev.writ.contract.verify;

/** The outcome of steps 9 and 10. */
public sealed interface BodyResult permits Granted, Refusal {}

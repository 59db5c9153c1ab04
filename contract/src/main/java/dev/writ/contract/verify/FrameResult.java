package dev.writ.contract.verify;

/** The outcome of step 1. */
sealed interface FrameResult permits Framed, Refusal {}

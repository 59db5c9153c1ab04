/**
 * Verification at the callee, steps 1 to 11 of protocol.md, section 4, and what is stripped in step
 * 14. Pure: no I/O, no clock, no logging.
 */
@NullMarked
package dev.writ.contract.verify;

import org.jspecify.annotations.NullMarked;

/**
 * Checks a log without trusting who keeps it: every entry against the signed tree, every boot's
 * chain of records, every count against its limit (audit.md, Verification). Depends on the records,
 * {@code log}, {@code note}, {@code merkle}.
 */
@NullMarked
package dev.writ.audit.verify;

import org.jspecify.annotations.NullMarked;

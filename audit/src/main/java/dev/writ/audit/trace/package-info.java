/**
 * Who called whom on whose behalf: call trees out of the records of a log, as data, text and JSON
 * (audit.md, Verification). Depends on the records and {@code log}.
 */
@NullMarked
package dev.writ.audit.trace;

import org.jspecify.annotations.NullMarked;

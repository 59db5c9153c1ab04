/**
 * Records of a log in the formats of other tools: copies for searching, never the evidence
 * (audit.md, Verification). Depends on the records and {@code log}.
 */
@NullMarked
package dev.writ.audit.export;

import org.jspecify.annotations.NullMarked;

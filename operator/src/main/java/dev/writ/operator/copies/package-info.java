/**
 * Live copies of records for other systems, which are never the evidence (audit.md, Verification).
 * Depends on the records, the log's listeners and the JDK's HTTP client.
 */
@NullMarked
package dev.writ.operator.copies;

import org.jspecify.annotations.NullMarked;

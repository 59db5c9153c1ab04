package dev.writ.operator.copies;

import dev.writ.audit.AuditRecord;

/**
 * A record that is in the log.
 *
 * @param index of its entry
 */
record Copy(long index, AuditRecord stored) {}

/**
 * Signed notes and what the log says in them: checkpoints, cosignatures of witnesses, proofs (C2SP
 * signed-note, tlog-checkpoint, tlog-cosignature, tlog-proof). Pure: depends on {@code merkle} and
 * the keys of {@code dev.writ.contract}.
 */
@NullMarked
package dev.writ.audit.note;

import org.jspecify.annotations.NullMarked;

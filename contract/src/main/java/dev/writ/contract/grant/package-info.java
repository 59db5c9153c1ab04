/**
 * From a request to an action (actions.md): the same pure decision in the gate, the helper and
 * {@code writ explain}.
 */
@NullMarked
package dev.writ.contract.grant;

import org.jspecify.annotations.NullMarked;

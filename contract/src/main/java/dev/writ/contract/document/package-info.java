/**
 * The signed documents of protocol.md, section 1: parsed strictly, verified, signed. Depends on
 * {@code json} and {@code key}.
 */
@NullMarked
package dev.writ.contract.document;

import org.jspecify.annotations.NullMarked;

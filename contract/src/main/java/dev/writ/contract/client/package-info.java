/** What a caller needs to make a request that a gate accepts (protocol.md, section 2). */
@NullMarked
package dev.writ.contract.client;

import org.jspecify.annotations.NullMarked;

/** Strict JSON, read and written. Depends on nothing but the JDK. */
@NullMarked
package dev.writ.contract.json;

import org.jspecify.annotations.NullMarked;

/**
 * The log itself: where it is kept, how it grows without ever forking or losing what it
 * acknowledged, and how it is read (audit.md, Log). Depends on the records of {@code
 * dev.writ.audit}, {@code merkle}, {@code note} and the JDK.
 */
@NullMarked
package dev.writ.audit.log;

import org.jspecify.annotations.NullMarked;

/**
 * The evidence: what a record says, how records of one boot are chained, and how anyone checks
 * that.
 *
 * <p>May depend on {@code dev.writ.contract} and the JDK; knows no Kubernetes, no Vert.x, no clock.
 */
@NullMarked
package dev.writ.audit;

import org.jspecify.annotations.NullMarked;

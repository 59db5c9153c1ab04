/**
 * The operator: reconciles, signs, issues, counts, keeps the log, injects.
 *
 * <p>May use every module below it, JOSDK and the Fabric8 client; no Vert.x.
 */
@NullMarked
package dev.writ.operator;

import org.jspecify.annotations.NullMarked;

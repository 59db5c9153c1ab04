/**
 * The custom resources as Java, generated from the YAML in {@code META-INF/fabric8}.
 *
 * <p>May use the Fabric8 model only. Not null-marked: a field that was left out of a resource is
 * null here, and what reads it has to look.
 */
package dev.writ.v1alpha1;

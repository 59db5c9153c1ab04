/**
 * The operator's own certificate authority and the certificate it serves with, both kept in
 * Secrets.
 *
 * <p>Depends on the JDK, Bouncy Castle's certificate builder and the Kubernetes client.
 */
@NullMarked
package dev.writ.operator.tls;

import org.jspecify.annotations.NullMarked;

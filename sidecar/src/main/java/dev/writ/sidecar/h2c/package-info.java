/**
 * HTTP/2 without TLS and without an upgrade: telling it from HTTP/1.1 by its first bytes, and
 * letting through what is sound alone. Depends on Vert.x and Netty; knows nothing of contracts.
 */
@NullMarked
package dev.writ.sidecar.h2c;

import org.jspecify.annotations.NullMarked;

package dev.writ.operator.inject;

import java.net.URI;

/**
 * What the operator puts into every pod alike.
 *
 * @param image of the sidecar
 * @param operator {@code https://host:port} that the sidecar calls
 * @param trustDomain of all identities
 */
public record InjectionSettings(String image, URI operator, String trustDomain) {}

package dev.writ.sidecar.state;

import dev.writ.contract.document.IdentityCredential;

/**
 * The credential that says which workload this sidecar's key is.
 *
 * @param jws compact serialization, as signed by the issuer
 * @param credential the same, parsed
 */
public record OwnIdentity(String jws, IdentityCredential credential) {}

package dev.writ.operator.capability;

import dev.writ.contract.SpiffeId;
import dev.writ.contract.key.PublicKey;
import java.util.HexFormat;

/**
 * An agent outside the cluster: nothing vouches for it but its key. (crd.md, source)
 *
 * @param key of the holder of its contracts
 * @param secretName Secret of the capability's namespace in which the contract appears
 */
public record Outside(PublicKey key, String secretName) {
  /**
   * Who it is to its callees: an id of the capability's namespace, whose owner let it in, that
   * follows from the key alone. The same key is the same agent in every capability of a namespace,
   * and no service account is it by accident.
   */
  static SpiffeId id(String trustDomain, String namespace, PublicKey key) {
    return SpiffeId.workload(
        trustDomain, namespace, "key." + HexFormat.of().formatHex(key.bytes()));
  }
}

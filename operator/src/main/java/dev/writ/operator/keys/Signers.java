package dev.writ.operator.keys;

import dev.writ.contract.key.PublicKey;
import dev.writ.contract.key.Signer;
import java.util.List;

/**
 * Makes keys in one place and finds those of all places, so that a cluster moves from one place to
 * another by a rotation.
 */
public final class Signers implements ContractSigner {
  private final ContractSigner maker;
  private final List<ContractSigner> all;

  /**
   * Composes.
   *
   * @param maker where new keys are made
   * @param others where older ones may lie
   */
  public Signers(ContractSigner maker, List<ContractSigner> others) {
    this.maker = maker;
    this.all =
        java.util.stream.Stream.concat(java.util.stream.Stream.of(maker), others.stream()).toList();
  }

  @Override
  public String scheme() {
    return maker.scheme();
  }

  @Override
  public Made make() throws KeyUnavailableException {
    return maker.make();
  }

  @Override
  public Signer open(PublicKey key, KeyReference reference) throws KeyUnavailableException {
    return holder(reference).open(key, reference);
  }

  @Override
  public void destroy(KeyReference reference) throws KeyUnavailableException {
    holder(reference).destroy(reference);
  }

  private ContractSigner holder(KeyReference reference) throws KeyUnavailableException {
    return all.stream()
        .filter(signer -> signer.scheme().equals(reference.scheme()))
        .findAny()
        .orElseThrow(
            () ->
                new KeyUnavailableException(
                    "an issuer key lies in \""
                        + reference.scheme()
                        + "\", which this operator is not configured for; it knows "
                        + all.stream().map(ContractSigner::scheme).toList()));
  }
}

package dev.writ.operator.tls;

import java.security.GeneralSecurityException;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/** Who vouches for the operator. Reads and writes the cluster: blocks. */
sealed interface CertificateSource permits OwnAuthority, IssuedSecret {
  /**
   * What is to be served as soon as everybody trusts it.
   *
   * @param pair clients that trust the authorities accept it now
   * @param authorities at least one, each once
   */
  record Offer(KeyAndChain pair, List<X509Certificate> authorities) {
    public Offer {
      authorities = List.copyOf(authorities);
      if (authorities.isEmpty()) {
        throw new IllegalArgumentException("authorities is empty");
      }
    }
  }

  /**
   * The offer of this moment.
   *
   * @param served what is served now; may be offered again
   * @throws GeneralSecurityException when there is nothing that could be served, saying what to
   *     change
   */
  Offer offer(Optional<KeyAndChain> served, Instant now) throws GeneralSecurityException;
}

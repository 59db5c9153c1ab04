package dev.writ.operator.capability;

import com.fasterxml.jackson.databind.JsonNode;
import dev.writ.contract.MalformedException;
import java.util.Optional;

/**
 * From a capability's spec to what it grants, or to the sentence that its author needs. (crd.md)
 */
public final class CapabilityReader {
  /**
   * A chain of several and its identities have to fit into the headers of a request. Bytes.
   * (crd.md)
   */
  static final int MAX_CONTRACT = 3 * 1024;

  private final String trustDomain;

  /** All ids are of this trust domain. */
  public CapabilityReader(String trustDomain) {
    this.trustDomain = trustDomain;
  }

  /** Decides about the spec alone; nothing is looked up. */
  public Acceptance read(Terms.Subject subject, JsonNode spec) {
    Terms terms;
    try {
      terms = new SpecReader(subject, spec, trustDomain).read();
    } catch (MalformedException | IllegalArgumentException e) {
      return new Acceptance.Refused(Reason.INVALID, String.valueOf(e.getMessage()));
    }
    Optional<String> never = NeverMatches.find(terms.rules());
    if (never.isPresent()) {
      return new Acceptance.Refused(Reason.NEVER_MATCHES, never.get());
    }
    int size = Minting.size(terms);
    if (size > MAX_CONTRACT) {
      return new Acceptance.Refused(
          Reason.CONTRACT_TOO_LARGE,
          "its contracts would have "
              + size
              + " bytes, at most "
              + MAX_CONTRACT
              + " fit: split the actions over several capabilities");
    }
    return new Acceptance.Accepted(terms);
  }
}

package dev.writ.contract.verify;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A head that passed step 1.
 *
 * @param contract value of {@code Capability-Contract}
 * @param identities value of {@code Capability-Identity}, null when absent
 * @param digest value of {@code Content-Digest}, of right syntax; null for the opening of a stream
 * @param signatureInput value of {@code Signature-Input}
 * @param signature value of {@code Signature}
 * @param covered the other fields that the proof covers, in order
 */
record Framed(
    String contract,
    @Nullable String identities,
    @Nullable String digest,
    String signatureInput,
    String signature,
    List<Field> covered)
    implements FrameResult {}

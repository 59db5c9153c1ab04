package dev.writ.audit.note;

import dev.writ.audit.merkle.Hash;
import dev.writ.audit.merkle.Merkle;
import dev.writ.contract.MalformedException;
import dev.writ.contract.key.Ed25519;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Set;

/**
 * That an entry is in the log, for anyone to check offline (C2SP tlog-proof, without extra data).
 *
 * @param index of the entry
 * @param path from the entry's sibling up to the root's child
 * @param checkpoint the tree that it is in, with the signatures of log and witnesses
 */
public record TlogProof(long index, List<Hash> path, SignedNote checkpoint) {
  private static final String HEADER = "c2sp.org/tlog-proof@v1";
  private static final String INDEX = "index ";
  private static final int MAX_PATH = 63;

  public TlogProof {
    path = List.copyOf(path);
  }

  /**
   * Reads a proof; {@code extra} data is skipped, nothing vouches for it.
   *
   * @throws MalformedException when it is none
   */
  public static TlogProof parse(byte[] bytes) throws MalformedException {
    String text = decode(bytes);
    int split = text.indexOf("\n\n");
    if (split < 0) {
      throw new MalformedException("proof: no checkpoint after an empty line");
    }
    List<String> lines = new ArrayList<>(List.of(text.substring(0, split).split("\n", -1)));
    if (!lines.removeFirst().equals(HEADER)) {
      throw new MalformedException("proof: the first line is not " + HEADER);
    }
    if (!lines.isEmpty() && lines.getFirst().startsWith("extra ")) {
      Base64Text.decode(lines.removeFirst().substring("extra ".length()), "proof: extra");
    }
    if (lines.isEmpty() || !lines.getFirst().startsWith(INDEX) || lines.size() > 1 + MAX_PATH) {
      throw new MalformedException("proof: no index, or too long a path");
    }
    long index = Checkpoint.size(lines.removeFirst().substring(INDEX.length()));
    List<Hash> path = new ArrayList<>();
    for (String line : lines) {
      path.add(Hash.fromBase64(line));
    }
    byte[] note = text.substring(split + 2).getBytes(StandardCharsets.UTF_8);
    return new TlogProof(index, path, SignedNote.parse(note));
  }

  private static String decode(byte[] bytes) throws MalformedException {
    try {
      return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
    } catch (CharacterCodingException e) {
      throw new MalformedException("proof: not UTF-8");
    }
  }

  /**
   * Checks that {@code entry} is in the log.
   *
   * @param keys the log's
   * @param witnesses whose cosignatures count
   * @param quorum how many of them it takes, 0 for none
   * @return the checkpoint that it is in
   * @throws MalformedException when the proof does not show it; the message says why
   */
  public Checkpoint verify(
      byte[] entry,
      Collection<VerifierKey> keys,
      Collection<VerifierKey> witnesses,
      int quorum,
      Ed25519 ed25519)
      throws MalformedException {
    Checkpoint in = Checkpoint.verified(checkpoint, keys, ed25519);
    int seen = 0;
    for (VerifierKey witness : Set.copyOf(witnesses)) {
      seen += checkpoint.signedBy(witness, ed25519) ? 1 : 0;
    }
    if (seen < quorum) {
      throw new MalformedException("proof: " + seen + " of the " + quorum + " witnesses it takes");
    }
    if (!Merkle.included(Hash.leaf(entry), index, in.size(), path, in.root())) {
      throw new MalformedException("proof: the path does not lead from this entry to the root");
    }
    return in;
  }

  /** The proof as it is stored, under a name that ends in {@code .tlog-proof}. */
  public byte[] toBytes() {
    StringBuilder text =
        new StringBuilder(HEADER).append('\n').append(INDEX).append(index).append('\n');
    path.forEach(hash -> text.append(hash.toBase64()).append('\n'));
    return text.append('\n').append(checkpoint).toString().getBytes(StandardCharsets.UTF_8);
  }
}

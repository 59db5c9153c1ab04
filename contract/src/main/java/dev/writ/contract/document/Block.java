package dev.writ.contract.document;

import dev.writ.contract.MalformedException;
import dev.writ.contract.key.PublicKey;
import java.util.List;

/**
 * One block of a chain: what a root contract and a delegation have in common (protocol.md, section
 * 1).
 */
public sealed interface Block permits RootContract, Delegation {
  /** Longest life of a block or an identity, seconds. */
  long MAX_LIFE = 86_400;

  /** Who signed it: the issuer, or a thumbprint URN (RFC 9278). */
  String iss();

  /** The workload that holds it. */
  String sub();

  /** The one service that it is for. */
  String aud();

  /** When it was signed, epoch seconds. */
  long iat();

  /** Valid from, epoch seconds. */
  long nbf();

  /** Valid before, epoch seconds. */
  long exp();

  /** This instance, a UUID. */
  String jti();

  /** The capability or delegation whose calls are counted, a UUID. */
  String cid();

  /** The key whose owner may use it. */
  PublicKey holder();

  /** 0 for a root, one more for each delegation. */
  long depth();

  /** How deep its descendants may be. */
  long maxDepth();

  /** Workloads that it may be delegated to. */
  List<String> delegateTo();

  /** Names of the actions that it grants. */
  List<String> actions();

  /** Its own limits; those of its ancestors hold all the same. */
  Limits limits();

  /**
   * Compiles the patterns of a block whose signature verified; throws when one is not RE2.
   * Idempotent. A block that was only read, not verified, cannot decide about requests before.
   */
  void compile() throws MalformedException;
}

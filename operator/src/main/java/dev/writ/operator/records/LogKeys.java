package dev.writ.operator.records;

import dev.writ.audit.note.NoteSigner;
import dev.writ.audit.note.VerifierKey;
import dev.writ.contract.MalformedException;
import dev.writ.contract.key.PrivateKey;
import dev.writ.contract.key.PublicKey;
import dev.writ.operator.cluster.SecretStore;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Supplier;

/**
 * The keys that checkpoints are signed with: never those of contracts, so that who steals one can't
 * rewrite the history of what it did. Prints names, never keys. (audit.md, Log)
 *
 * @param signers the current one first; every further private key in the Secret signs too, so that
 *     verifiers have time to learn the new one
 * @param retired keys of which the Secret holds the public half alone: they sign no more
 */
public record LogKeys(List<NoteSigner> signers, List<VerifierKey> retired) {
  /** The Secret: {@code origin} names the log, {@code current.jwk} signs first. */
  public static final String SECRET = "writ-log-key";

  private static final String ORIGIN = "origin";
  private static final String CURRENT = "current.jwk";
  private static final String SUFFIX = ".jwk";

  /** When the current one began to sign first, RFC 3339. */
  private static final String SINCE = "since";

  /** Copies. */
  public LogKeys {
    signers = List.copyOf(signers);
    retired = List.copyOf(retired);
  }

  /**
   * Reads the Secret, making it with a new key if there is none.
   *
   * @param origin of a log that begins now: told apart from all others by witnesses and auditors
   * @throws MalformedException if the Secret holds something else; the message names the entry, not
   *     what it holds
   */
  public static LogKeys open(SecretStore secrets, Supplier<String> origin)
      throws MalformedException {
    return parse(
        secrets.loadOrCreate(
            SECRET, () -> Map.of(ORIGIN, origin.get(), CURRENT, PrivateKey.generate().toJwk())));
  }

  static LogKeys parse(Map<String, String> values) throws MalformedException {
    String origin = values.get(ORIGIN);
    String current = values.get(CURRENT);
    if (origin == null || current == null) {
      throw new MalformedException(
          "Secret " + SECRET + " needs the entries " + ORIGIN + " and " + CURRENT);
    }
    List<NoteSigner> signers = new ArrayList<>();
    List<VerifierKey> retired = new ArrayList<>();
    signers.add(signer(CURRENT, origin, current));
    for (Map.Entry<String, String> entry : new TreeMap<>(values).entrySet()) {
      String name = entry.getKey();
      if (!name.endsWith(SUFFIX) || name.equals(CURRENT)) {
        continue;
      }
      if (entry.getValue().contains("\"d\"")) {
        signers.add(signer(name, origin, entry.getValue()));
      } else {
        retired.add(retired(name, origin, entry.getValue()));
      }
    }
    return new LogKeys(signers, retired);
  }

  /**
   * What the Secret holds after a rotation: a new key that signs first, the one before it beside
   * that so that verifiers have time to learn the new one, and of all others the public half.
   *
   * @param values what it holds now, readable by {@link #parse}
   */
  static Map<String, String> rotated(Map<String, String> values, Instant now)
      throws MalformedException {
    Map<String, String> next = new TreeMap<>();
    for (Map.Entry<String, String> entry : values.entrySet()) {
      boolean signs = entry.getKey().endsWith(SUFFIX) && entry.getValue().contains("\"d\"");
      next.put(
          entry.getKey(),
          signs ? PrivateKey.fromJwk(entry.getValue()).publicKey().toJwk() : entry.getValue());
    }
    String before = values.get(CURRENT);
    if (before == null) {
      throw new MalformedException("Secret " + SECRET + " needs the entry " + CURRENT);
    }
    String kid = PrivateKey.fromJwk(before).publicKey().thumbprint();
    next.put("key-" + kid + SUFFIX, before);
    next.put(CURRENT, PrivateKey.generate().toJwk());
    next.put(SINCE, now.toString());
    return next;
  }

  /**
   * What the Secret has to hold because of the age of its current key: the same when it is young,
   * what {@link #rotated} says when it is as old as it may become. One whose age is not known
   * begins now.
   */
  static Map<String, String> aged(Map<String, String> values, Duration lifetime, Instant now)
      throws MalformedException {
    String since = values.get(SINCE);
    if (since == null) {
      Map<String, String> next = new TreeMap<>(values);
      next.put(SINCE, now.toString());
      return next;
    }
    try {
      boolean due = !Instant.parse(since).plus(lifetime).isAfter(now);
      return due ? rotated(values, now) : values;
    } catch (DateTimeException e) {
      throw new MalformedException(
          "Secret " + SECRET + ", entry " + SINCE + ": not a time, as in 2026-01-31T00:00:00Z");
    }
  }

  private static NoteSigner signer(String entry, String origin, String jwk)
      throws MalformedException {
    try {
      NoteSigner signer = new NoteSigner(origin, PrivateKey.fromJwk(jwk));
      var _ = signer.verifierKey();
      return signer;
    } catch (MalformedException | IllegalArgumentException e) {
      throw named(entry, e);
    }
  }

  private static VerifierKey retired(String entry, String origin, String jwk)
      throws MalformedException {
    try {
      return new VerifierKey(origin, VerifierKey.Type.LOG, PublicKey.fromJwk(jwk));
    } catch (MalformedException | IllegalArgumentException e) {
      throw named(entry, e);
    }
  }

  private static MalformedException named(String entry, Exception why) {
    return new MalformedException(
        "Secret " + SECRET + ", entry " + entry + ": " + why.getMessage());
  }

  /** What auditors need to verify the newest checkpoint. */
  public VerifierKey current() {
    return signers.getFirst().verifierKey();
  }

  /** All keys under which a checkpoint of this log may be signed, the current one first. */
  public List<VerifierKey> trusted() {
    List<VerifierKey> all = new ArrayList<>();
    signers.forEach(signer -> all.add(signer.verifierKey()));
    all.addAll(retired);
    return all;
  }

  /** Whether the same keys sign, in the same order, and the same are trusted. */
  boolean isSameAs(LogKeys other) {
    return signers.size() == other.signers.size() && trusted().equals(other.trusted());
  }

  @Override
  public String toString() {
    return "LogKeys" + trusted();
  }
}

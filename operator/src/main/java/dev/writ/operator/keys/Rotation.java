package dev.writ.operator.keys;

import dev.writ.contract.MalformedException;
import dev.writ.operator.keys.KeyringStore.ConflictException;
import dev.writ.operator.keys.KeyringStore.Stored;
import java.time.Clock;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import java.util.function.BiConsumer;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Brings the stored ring on, step by step, and puts it in force: first stored, then published, then
 * used. A sidecar therefore never meets a key that it was not told of, and a crash between two
 * steps costs nothing but time. Thread-safe; blocks.
 */
public final class Rotation {
  private static final Logger LOG = LoggerFactory.getLogger(Rotation.class);

  /**
   * A sidecar that did not hear of us for so long refuses every call, since its revocation list is
   * stale: 300 s, and 30 s that its clock may be behind, and some. Waiting longer for it saves no
   * call.
   */
  static final Duration SILENCE = Duration.ofMinutes(6);

  /** More steps in a row than any true state needs. */
  private static final int MAX_STEPS = 8;

  private final Parts parts;
  private volatile IssuerKeys keys;
  private volatile Keyring ring;
  private volatile String problem = "";
  private Sidecars sidecars = new Nobody();
  private long told = -1;
  private long toldAtNanos;

  /**
   * What a rotation needs.
   *
   * @param lifetime how long a key signs
   * @param nanos of the monotonic clock
   * @param complaint hears of requests that can't be met: what, and a sentence
   */
  public record Parts(
      KeyringStore store,
      KeyNotice notice,
      ContractSigner signers,
      Duration lifetime,
      Clock clock,
      LongSupplier nanos,
      BiConsumer<Complaint, String> complaint) {}

  /** What a person has to see to. */
  public enum Complaint {
    /** What was asked can't be done. */
    DECLINED,
    /** The stored keys can't be used; those before stay in use. */
    UNUSABLE
  }

  private Rotation(Parts parts, Keyring ring, IssuerKeys keys) {
    this.parts = parts;
    this.ring = ring;
    this.keys = keys;
  }

  /**
   * Reads the ring, making one with a new key if there is none. Two that start at once go on with
   * the winner's.
   *
   * @throws MalformedException if the Secret holds something else
   * @throws KeyUnavailableException if the current key can't be used
   */
  public static Rotation open(Parts parts) throws MalformedException, KeyUnavailableException {
    Optional<Stored> found = parts.store.load();
    Stored stored = found.isPresent() ? found.get() : create(parts);
    return new Rotation(parts, stored.ring(), inForce(parts, stored.ring()));
  }

  private static Stored create(Parts parts) throws MalformedException, KeyUnavailableException {
    ContractSigner.Made made = parts.signers.make();
    long now = parts.clock.instant().getEpochSecond();
    Keyring first = Keyring.first(made.signer().publicKey(), made.reference(), now);
    try {
      return parts.store.save(first, "");
    } catch (ConflictException e) {
      forget(parts, made.reference());
      return parts
          .store
          .load()
          .orElseThrow(() -> new MalformedException("the Secret of the issuer's keys went away"));
    }
  }

  /** From the next look on, these are told before a key is used. */
  public synchronized void reach(Sidecars verifiers) {
    sidecars = verifiers;
  }

  /** What is in force. */
  public IssuerKeys keys() {
    return keys;
  }

  /** The ring that is in force. */
  public Keyring ring() {
    return ring;
  }

  /** What keeps the stored ring from being taken over; empty when nothing does. */
  public String problem() {
    return problem;
  }

  /** Whether a key waits for sidecars to confirm it. */
  public boolean waiting() {
    return ring.next().isPresent();
  }

  /** Whether {@link #look} would put the next key to use. Asks nobody outside this process. */
  public synchronized boolean ready() {
    return waiting() && everywhere();
  }

  /**
   * Takes over what is stored, meets what was asked, and does whatever else is due. What can't be
   * used is left alone, and what was in force stays.
   */
  public synchronized void look() {
    try {
      for (int step = 0; step < MAX_STEPS && again(); step++) {
        LOG.atTrace().addKeyValue("ring", ring).log("another step");
      }
      solved();
    } catch (ConflictException e) {
      // Another operator, or a person, was faster; the watch brings us back.
      LOG.atInfo().addKeyValue("cause", e.getMessage()).log("the issuer's keys were changed");
    } catch (MalformedException | KeyUnavailableException | IllegalStateException e) {
      complain(String.valueOf(e.getMessage()));
    }
  }

  private boolean again() throws MalformedException, KeyUnavailableException, ConflictException {
    Optional<Stored> found = parts.store.load();
    if (found.isEmpty()) {
      throw new MalformedException(
          "Secret "
              + SecretKeyringStore.SECRET
              + " is gone; restore it, or restart the operator for new keys");
    }
    Stored stored = found.get();
    KeyRequests asked = parts.notice.requests();
    adopt(stored.ring());
    long now = parts.clock.instant().getEpochSecond();
    KeyRequests all = stored.requests().and(asked);
    RotationStep next = RotationStep.next(ring, all, everywhere(), parts.lifetime, now);
    Optional<Keyring> after = after(next, now);
    if (after.isPresent()) {
      save(stored, after.get(), next);
    } else if (!stored.requests().none()) {
      save(stored, ring, next);
    }
    parts.notice.publish(ring, asked);
    return !(next instanceof RotationStep.Idle);
  }

  private Optional<Keyring> after(RotationStep step, long now) throws KeyUnavailableException {
    return switch (step) {
      case RotationStep.Idle _, RotationStep.Answered _ -> Optional.empty();
      case RotationStep.Decline decline -> {
        LOG.atWarn().addKeyValue("cause", decline.why()).log("couldn't meet what was asked");
        parts.complaint.accept(Complaint.DECLINED, decline.why());
        yield Optional.empty();
      }
      case RotationStep.Announce _ -> {
        ContractSigner.Made made = parts.signers.make();
        yield Optional.of(ring.announce(made.signer().publicKey(), made.reference(), now));
      }
      case RotationStep.Promote _ -> {
        Keyring promoted = ring.promote(now);
        // Before it is stored: a key that can't sign must not become the one that does.
        var _ = inForce(parts, promoted);
        yield Optional.of(promoted);
      }
      case RotationStep.Expire _ -> Optional.of(ring.expire(now));
      case RotationStep.Revoke revoke ->
          Optional.of(ring.revoke(revoke.kids(), replacement(revoke.kids(), now), now));
    };
  }

  private Optional<Keyring> replacement(Set<String> kids, long now) throws KeyUnavailableException {
    if (!ring.needsReplacement(kids)) {
      return Optional.empty();
    }
    ContractSigner.Made made = parts.signers.make();
    return Optional.of(Keyring.first(made.signer().publicKey(), made.reference(), now));
  }

  /** Stored before it is in force: what nobody stored must not sign. */
  private void save(Stored before, Keyring after, RotationStep step)
      throws ConflictException, MalformedException, KeyUnavailableException {
    Stored saved;
    try {
      saved = parts.store.save(after, before.version());
    } catch (ConflictException e) {
      after.referencesBeyond(before.ring()).forEach(reference -> forget(parts, reference));
      throw e;
    }
    LOG.atInfo().addKeyValue("step", step).addKeyValue("keys", after).log("issuer keys changed");
    adopt(saved.ring());
    before.ring().referencesBeyond(after).forEach(reference -> forget(parts, reference));
  }

  /** The ring is in force when this returns, and every connected sidecar is on its way to it. */
  private void adopt(Keyring next) throws KeyUnavailableException {
    boolean first = told < 0;
    if (next.equals(ring) && !first) {
      return;
    }
    Keyring former = ring;
    IssuerKeys before = keys;
    IssuerKeys after =
        next.current().equals(former.current())
            // A signer that is in use is not opened again: a token may be slow.
            ? new IssuerKeys(before.signer(), next.trusted())
            : inForce(parts, next);
    keys = after;
    ring = next;
    boolean otherSigner = !after.signer().publicKey().equals(before.signer().publicKey());
    boolean added = !before.trusted().containsAll(after.trusted());
    if (otherSigner) {
      sidecars.signAgain();
    }
    if (first || added || taken(former, after)) {
      told = sidecars.tell();
      toldAtNanos = parts.nanos.getAsLong();
    }
  }

  /**
   * Whether a key was taken from trust before its time. One whose contracts have all ended is not
   * worth an enrolment of every sidecar.
   */
  private boolean taken(Keyring former, IssuerKeys after) {
    long now = parts.clock.instant().getEpochSecond();
    return former.keys().stream()
        .filter(key -> key.state().trusted() && !after.trusted().contains(key.key()))
        .anyMatch(key -> key.state() != KeyState.OLD || key.until() > now);
  }

  private boolean everywhere() {
    return told >= 0
        && (sidecars.confirmed(told) || parts.nanos.getAsLong() - toldAtNanos >= SILENCE.toNanos());
  }

  private static IssuerKeys inForce(Parts parts, Keyring ring) throws KeyUnavailableException {
    IssuerKey current = ring.current();
    KeyReference reference = current.reference();
    if (reference == null) {
      throw new IllegalStateException("the current key has a reference");
    }
    return new IssuerKeys(parts.signers.open(current.key(), reference), ring.trusted());
  }

  /** A half that stays in a token by mistake signs nothing: no reference leads to it. */
  private static void forget(Parts parts, KeyReference reference) {
    try {
      parts.signers.destroy(reference);
    } catch (KeyUnavailableException e) {
      LOG.atWarn()
          .addKeyValue("cause", e.getMessage())
          .log("couldn't destroy the private half of a key that is not used any more");
    }
  }

  private void complain(String cause) {
    if (!cause.equals(problem)) {
      problem = cause;
      LOG.atError()
          .addKeyValue("cause", cause)
          .log("couldn't take over the issuer's keys; those before stay in use");
      parts.complaint.accept(Complaint.UNUSABLE, cause);
    }
  }

  private void solved() {
    if (!problem.isEmpty()) {
      problem = "";
      LOG.atInfo().addKeyValue("keys", ring).log("the issuer's keys can be used again");
    }
  }

  /** Before the operator serves there is nobody to tell, and no key is put to use. */
  private record Nobody() implements Sidecars {
    @Override
    public long tell() {
      return -1;
    }

    @Override
    public boolean confirmed(long number) {
      return false;
    }

    @Override
    public void signAgain() {}
  }
}

package dev.writ.operator.revoke;

import dev.writ.contract.document.RevocationList;
import dev.writ.contract.key.Signer;
import java.time.Clock;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;

/**
 * The one way in which something is revoked: changed, stored, and only then signed and published. A
 * crash after the store and before the publishing is made up for at the next start, where the
 * stored state is published first.
 */
public final class RevocationRegister {
  /**
   * A sidecar refuses when its list is older, so the list may say it itself. Seconds. (protocol.md,
   * Revocation list)
   */
  private static final long LIST_SECONDS = 300;

  private final RevocationStore store;
  private final Supplier<Signer> signer;
  private final String issuer;
  private final Clock clock;
  private final Epochs epochs;
  private final Consumer<SignedList> publisher;
  private RevocationStore.Stored stored;
  private SignedList published;

  private RevocationRegister(Builder builder, RevocationStore.Stored stored) {
    store = builder.store;
    signer = builder.signer;
    issuer = builder.issuer;
    clock = builder.clock;
    epochs = builder.epochs;
    publisher = builder.publisher;
    this.stored = stored;
    published = sign();
  }

  /**
   * What a register needs.
   *
   * @param signer of lists, asked each time
   * @param issuer {@code iss} of lists
   * @param publisher called under the register's lock, in order; must not block
   */
  public record Builder(
      RevocationStore store,
      Supplier<Signer> signer,
      String issuer,
      Clock clock,
      Epochs epochs,
      Consumer<SignedList> publisher) {

    /**
     * Goes on where the last operator stopped.
     *
     * @param firstSeq number of the first list if nothing is stored
     * @throws RevocationStore.StaleVersionException if another operator starts at the same moment
     */
    public RevocationRegister open(long firstSeq) throws RevocationStore.StaleVersionException {
      Optional<RevocationStore.Stored> found = store.load();
      if (found.isPresent()) {
        return new RevocationRegister(this, found.get());
      }
      RevocationState first = RevocationState.first(firstSeq);
      return new RevocationRegister(this, store.save(first, ""));
    }
  }

  /**
   * Applies a change and publishes the list that says it.
   *
   * @param announce publish even if the list says the same as before, so that gates confirm
   *     something else
   * @return the list, if one was published; when this returns it is on its way to every connected
   *     sidecar
   * @throws RevocationStore.StaleVersionException if another operator stored in between: nothing
   *     was published
   */
  public synchronized Optional<SignedList> apply(
      UnaryOperator<RevocationState> change, boolean announce)
      throws RevocationStore.StaleVersionException {
    RevocationState next = change.apply(stored.state());
    if (!next.equals(stored.state())) {
      stored = store.save(next, stored.version());
    }
    if (!announce && published.seq() == stored.state().seq()) {
      return Optional.empty();
    }
    publish();
    return Optional.of(published);
  }

  /**
   * Signs again, for freshness, after making sure that the stored state is still ours: an operator
   * that can't reach the API server must not keep a list fresh that somebody may have tried to
   * change.
   *
   * @throws RevocationStore.StaleVersionException if somebody else stored
   */
  public synchronized void renew() throws RevocationStore.StaleVersionException {
    RevocationStore.Stored now =
        store
            .load()
            .orElseThrow(
                () ->
                    new RevocationStore.StaleVersionException(
                        "the stored revocation state is gone"));
    if (!now.version().equals(stored.version())) {
      throw new RevocationStore.StaleVersionException(
          "the stored revocation state was changed by somebody else");
    }
    apply(state -> state.expire(clock.instant().getEpochSecond()), true);
  }

  /** The list that is out. */
  public synchronized SignedList current() {
    return published;
  }

  /** The state behind it. */
  public synchronized RevocationState state() {
    return stored.state();
  }

  private void publish() {
    published = sign();
    publisher.accept(published);
  }

  private SignedList sign() {
    long now = clock.instant().getEpochSecond();
    RevocationState state = stored.state();
    RevocationList list =
        new RevocationList(
            issuer,
            now,
            now + LIST_SECONDS,
            state.seq(),
            state.cids().keySet(),
            state.jtis().keySet(),
            state.jkts().keySet(),
            state.generations());
    return new SignedList(epochs.next(), state.seq(), list.sign(signer.get()));
  }
}

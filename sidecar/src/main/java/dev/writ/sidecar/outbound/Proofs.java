package dev.writ.sidecar.outbound;

import dev.writ.contract.Names;
import dev.writ.contract.client.RequestSigner;
import dev.writ.contract.verify.Field;
import dev.writ.sidecar.work.HeldChain;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Makes the proofs of one call: draws a nonce of the replica that it is sent to, and signs what the
 * helper says of it. Belongs to its event loop. (protocol.md, sections 2 and 3)
 */
final class Proofs {
  private static final long WAIT_MS = 30_000;
  private static final Set<String> COVERED =
      Set.of("content-type", "content-encoding", "idempotency-key");

  private final Vertx vertx;
  private final CallContext context;
  private final Call call;
  private final Standing standing;
  private final HeldChain chain;
  private final @Nullable Buffer body;

  /**
   * For one call.
   *
   * @param standing for whom it is
   * @param chain that it is made with
   * @param body whole, null for a stream: then the proof covers the opening alone
   */
  Proofs(
      Vertx vertx,
      CallContext context,
      Call call,
      Standing standing,
      HeldChain chain,
      @Nullable Buffer body) {
    this.vertx = vertx;
    this.context = context;
    this.call = call;
    this.standing = standing;
    this.chain = chain;
    this.body = body;
  }

  /** A nonce and the fields that it is sent with. */
  record Proof(ReplicaNonces nonces, ReplicaNonces.Nonce nonce, List<Field> fields) {}

  private record Drawn(ReplicaNonces nonces, ReplicaNonces.Nonce nonce) {}

  /** A new proof; its nonce counts as open until it is answered. */
  Future<Proof> make(Peer peer, ReplicaNonces nonces) {
    return nonce(peer, nonces, 0).map(drawn -> sign(peer, drawn.nonces, drawn.nonce));
  }

  private Future<Drawn> nonce(Peer peer, ReplicaNonces nonces, int asked) {
    Promise<Void> woken = Promise.promise();
    // Another call's reply may run this on another event loop: we go on on ours.
    var loop = vertx.getOrCreateContext();
    return switch (nonces.take(
        context.time().moment().monotonicMillis(),
        () -> loop.runOnContext(_ -> woken.tryComplete()))) {
      case ReplicaNonces.Nonce nonce -> Future.succeededFuture(new Drawn(nonces, nonce));
      case ReplicaNonces.Ask _ when asked < 3 ->
          peer.ask(call.service(), call.target().authority())
              .compose(other -> nonce(peer, other, asked + 1));
      case ReplicaNonces.Ask _ ->
          Future.failedFuture(
              Failure.unreachable(
                  "The replica of " + call.service() + " gives no usable challenge."));
      case ReplicaNonces.Wait _ -> {
        long timer =
            vertx.setTimer(
                WAIT_MS,
                _ ->
                    woken.tryFail(
                        Failure.unreachable(
                            "Too many calls to one replica of "
                                + call.service()
                                + " are without a reply.")));
        yield woken
            .future()
            .onComplete(_ -> vertx.cancelTimer(timer))
            .compose(_ -> nonce(peer, nonces, asked));
      }
    };
  }

  /** What the helper says of the call, all under the proof. */
  private List<Field> capability(Peer peer, ReplicaNonces nonces) {
    List<Field> fields = new ArrayList<>();
    fields.add(new Field(Names.HEADER_CONTRACT, chain.contract()));
    String identities = chain.identities();
    if (identities != null) {
      fields.add(new Field(Names.HEADER_IDENTITY, identities));
    }
    long now = context.time().moment().epochSeconds();
    fields.addAll(
        context
            .delegations()
            .fields(
                context.deputy().delegable(standing, context.state().current(), now),
                peer.credential(nonces),
                now));
    String parent = standing.parent();
    if (parent != null) {
      fields.add(new Field(Names.HEADER_PARENT, parent));
    }
    return fields;
  }

  private Proof sign(Peer peer, ReplicaNonces nonces, ReplicaNonces.Nonce nonce) {
    List<Field> capability = capability(peer, nonces);
    List<Field> covered = new ArrayList<>(capability);
    for (Map.Entry<String, String> field : call.request().headers()) {
      if (COVERED.contains(field.getKey().toLowerCase(Locale.ROOT))) {
        covered.add(new Field(field.getKey(), field.getValue()));
      }
    }
    List<Field> fields = new ArrayList<>(capability);
    long now = context.time().moment().epochSeconds();
    Buffer whole = body;
    String method = call.request().method().name();
    fields.addAll(
        whole != null
            ? RequestSigner.sign(
                context.signer(),
                method,
                call.target().path(),
                covered,
                whole.getBytes(),
                nonce.value(),
                now)
            : RequestSigner.signOpening(
                context.signer(), method, call.target().path(), covered, nonce.value(), now));
    return new Proof(nonces, nonce, fields);
  }
}

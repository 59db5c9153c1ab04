package dev.writ.sidecar.outbound;

import dev.writ.contract.ErrorCode;
import dev.writ.contract.MalformedException;
import dev.writ.contract.Names;
import dev.writ.sidecar.flow.Flows;
import dev.writ.sidecar.outbound.Proofs.Proof;
import dev.writ.sidecar.work.HeldChain;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.RequestOptions;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * One call of the app under a contract: signed, sent, sent again where that cannot make it happen
 * twice, answered. Belongs to its event loop. (protocol.md, sections 2 and 3)
 *
 * <p>What is sent again: a call refused with {@code use-nonce} (it was not admitted), with a new
 * proof; and a call whose connection ended without a reply, with the <em>same</em> proof and only
 * to the same boot of the same replica, which admits a proof once. No other refusal is tried again.
 */
final class GuardedCall {
  /** The first sending and those after {@code use-nonce}. */
  private static final int MAX_SENDINGS = 4;

  /**
   * Other connections to try while nothing was sent yet, and how long to wait before each: a
   * replica that is gone stays a destination of its Service for a moment.
   */
  private static final long[] MOVES_AFTER_MS = {1, 50, 250, 700};

  private static final int SWITCHING_PROTOCOLS = 101;
  private static final int MAX_REFUSAL = 64 * 1024;
  private static final Set<HttpMethod> SAFE =
      Set.of(HttpMethod.GET, HttpMethod.HEAD, HttpMethod.OPTIONS);

  private final Vertx vertx;
  private final CallContext context;
  private final Connections connections;
  private final Flows flows;
  private final Call call;
  private final HttpServerRequest request;

  private Buffer body = Buffer.buffer();
  private @Nullable Proofs proofs;

  /** What the app streams instead; then the proof covers the opening alone. */
  private @Nullable StreamedBody stream;

  private int sendings;
  private int moves;

  /** What was signed last, until the replica has done with it. */
  private @Nullable Proof open;

  /** The last sending had no reply: it may have been admitted. */
  private boolean lost;

  /** The app hung up: nothing is sent any more. */
  private boolean gone;

  /** What waits for its reply. */
  private @Nullable HttpClientRequest waiting;

  GuardedCall(Vertx vertx, CallContext context, Connections connections, Flows flows, Call call) {
    this.vertx = vertx;
    this.context = context;
    this.connections = connections;
    this.flows = flows;
    this.call = call;
    this.request = call.request();
  }

  /**
   * Makes the call.
   *
   * @param warrant what it may be made with
   * @param wholeBody of the request
   * @return completes when the app has the whole reply; fails with {@link Failure} when nothing was
   *     answered yet
   */
  Future<Void> run(Warrant warrant, Buffer wholeBody) {
    body = wholeBody;
    HeldChain chain = ContractChoice.choose(warrant.chains(), call.head(), wholeBody.getBytes());
    proofs = new Proofs(vertx, context, call, warrant.standing(), chain, wholeBody);
    return begin();
  }

  /**
   * Opens a stream.
   *
   * @param warrant what it may be made with
   * @param opening the chain among these that grants it
   * @return as of {@link #run}
   */
  Future<Void> stream(Warrant warrant, HeldChain opening) {
    stream = new StreamedBody(request, flows);
    proofs = new Proofs(vertx, context, call, warrant.standing(), opening, null);
    return begin();
  }

  private Future<Void> begin() {
    request.response().closeHandler(_ -> hungUp());
    return connections
        .acquire()
        .recover(this::elsewhere)
        .compose(this::sendOn)
        .onComplete(_ -> settle());
  }

  /**
   * An answer may be minutes away: the callee is told at once, so that it stops and frees the place
   * of the call.
   */
  private void hungUp() {
    gone = true;
    HttpClientRequest sent = waiting;
    if (sent != null) {
      sent.reset();
    }
  }

  /** Whatever became of the call: its seq is not waited for any longer. */
  private void settle() {
    Proof proof = open;
    open = null;
    if (proof != null) {
      proof.nonces().answered(proof.nonce());
    }
  }

  private Proofs proofs() {
    return Objects.requireNonNull(proofs, "run() chooses a contract first");
  }

  /** One sending. The peer is given back or closed in every outcome. */
  private Future<Void> sendOn(Peer peer) {
    return peer.nonces(call.service(), call.target().authority())
        .compose(nonces -> proof(peer, nonces))
        .compose(proof -> send(peer, proof))
        .recover(
            cause -> {
              connections.discard(peer);
              return elsewhere(cause).compose(this::sendOn);
            });
  }

  /** Another connection, if nothing of the call was sent on the one that failed. */
  private Future<Peer> elsewhere(Throwable cause) {
    if (!(cause instanceof Failure failure)
        || !failure.isUnsent()
        || moves == MOVES_AFTER_MS.length) {
      return Future.failedFuture(cause);
    }
    Promise<Void> waited = Promise.promise();
    vertx.setTimer(MOVES_AFTER_MS[moves++], _ -> waited.complete());
    return waited.future().compose(_ -> connections.acquireNew()).recover(this::elsewhere);
  }

  /**
   * The proof of the sending that was lost, if this is the replica that may have taken it; else a
   * new one.
   */
  private Future<Proof> proof(Peer peer, ReplicaNonces nonces) {
    Proof before = open;
    if (before != null) {
      if (before.nonces() == nonces) {
        return Future.succeededFuture(before);
      }
      if (lost && !SAFE.contains(request.method())) {
        return Future.failedFuture(lostFailure());
      }
      settle();
      lost = false;
    }
    return proofs()
        .make(peer, nonces)
        .map(
            made -> {
              open = made;
              return made;
            });
  }

  private Future<Void> send(Peer peer, Proof proof) {
    RequestOptions options =
        new RequestOptions().setMethod(request.method()).setURI(call.target().path());
    return peer.wire()
        .request(options)
        .recover(
            _ ->
                Future.failedFuture(
                    Failure.unsent("The connection to " + call.service() + " ended.")))
        .compose(
            upstream -> {
              if (gone) {
                upstream.reset();
                return Future.failedFuture(goneFailure());
              }
              // What fails shows in the reply.
              upstream.exceptionHandler(_ -> {});
              waiting = upstream;
              sendings++;
              peer.called();
              write(upstream, proof);
              return sent(upstream)
                  .transform(
                      result -> {
                        waiting = null;
                        return result.succeeded()
                            ? answered(peer, proof, upstream, result.result())
                            : lost(peer);
                      });
            });
  }

  private Future<HttpClientResponse> sent(HttpClientRequest upstream) {
    StreamedBody streamed = stream;
    if (streamed != null) {
      streamed.sendTo(upstream);
      return upstream.response();
    }
    return Hops.isUpgrade(request.headers()) ? upstream.connect() : upstream.send(body);
  }

  private void write(HttpClientRequest upstream, Proof proof) {
    Hops.copyRequest(request.headers(), upstream.headers(), true);
    Onward.name(upstream, call.target().authority());
    Onward.trailers(request, upstream);
    boolean hasLength =
        stream == null
            && (body.length() > 0
                || request.headers().contains("content-length")
                || request.headers().contains("transfer-encoding"));
    if (hasLength) {
      upstream.headers().set("Content-Length", Integer.toString(body.length()));
    }
    if (Hops.isUpgrade(request.headers())) {
      upstream.headers().set("Connection", "Upgrade").set("Upgrade", request.getHeader("Upgrade"));
    }
    proof.fields().forEach(field -> upstream.headers().set(field.name(), field.value()));
  }

  private Future<Void> answered(
      Peer peer, Proof proof, HttpClientRequest upstream, HttpClientResponse reply) {
    boolean resent = lost;
    lost = false;
    settle();
    Challenge fresh = challengeIn(reply);
    boolean useNonce = fresh != null && isRefusal(reply, ErrorCode.USE_NONCE);
    // The first sending may have been admitted, and its challenge retired since.
    if (resent
        && (isRefusal(reply, ErrorCode.REPLAYED)
            || (useNonce && !SAFE.contains(request.method())))) {
      return Future.failedFuture(lostFailure());
    }
    if (useNonce) {
      proof.nonces().refused(proof.nonce());
    }
    if (fresh != null) {
      peer.received(fresh);
    }
    if (Hops.closes(reply.headers())) {
      peer.endedByReplica();
    }
    if (useNonce && sendings < MAX_SENDINGS && holds()) {
      context.meters().useNonce();
      return again(peer, reply);
    }
    if (stream != null) {
      stream.settle();
    }
    Future<Void> told =
        Answers.isForeign(request, reply)
            ? Answers.tell(request, reply)
            : Relay.reply(request, upstream, reply, flows, true);
    return told.onComplete(
        result -> {
          if (result.succeeded() && reply.statusCode() == SWITCHING_PROTOCOLS) {
            // The connection is a tunnel now and ends with it.
            return;
          }
          if (result.succeeded() && !Hops.closes(reply.headers())) {
            connections.release(peer);
          } else {
            connections.discard(peer);
          }
        });
  }

  /** Whether all of the body is here to be sent again; then it waits for that. */
  private boolean holds() {
    StreamedBody streamed = stream;
    if (streamed == null) {
      return true;
    }
    if (streamed.isRepeatable()) {
      streamed.hold();
    }
    return streamed.isRepeatable();
  }

  private Future<Void> again(Peer peer, HttpClientResponse reply) {
    boolean closes = Hops.closes(reply.headers());
    return Bodies.collect(reply, MAX_REFUSAL)
        .transform(
            read -> {
              if (read.succeeded() && !closes && !peer.isClosed()) {
                return sendOn(peer);
              }
              connections.discard(peer);
              return connections.acquire().recover(this::elsewhere).compose(this::sendOn);
            });
  }

  /** The connection ended without a reply: the call may or may not have been admitted. */
  private Future<Void> lost(Peer peer) {
    connections.discard(peer);
    if (gone) {
      return Future.failedFuture(goneFailure());
    }
    if (lost || !holds()) {
      return Future.failedFuture(lostFailure());
    }
    context.meters().resent();
    lost = true;
    return connections
        .acquireNew()
        .recover(this::elsewhere)
        .recover(_ -> Future.failedFuture(lostFailure()))
        .compose(this::sendOn);
  }

  private static Failure goneFailure() {
    return Failure.unreachable("The app hung up.");
  }

  private Failure lostFailure() {
    return Failure.unreachable(
        "The connection to "
            + call.service()
            + " ended before a reply came. The call may have been carried out; the records of the"
            + " callee tell.");
  }

  private static @Nullable Challenge challengeIn(HttpClientResponse reply) {
    String text = reply.getHeader(Names.HEADER_NONCE);
    try {
      return text == null ? null : Challenge.parse(text);
    } catch (MalformedException e) {
      // Not a gate's: the call goes on without it.
      return null;
    }
  }

  private static boolean isRefusal(HttpClientResponse reply, ErrorCode code) {
    String header = reply.getHeader("WWW-Authenticate");
    return reply.statusCode() == code.status()
        && (Names.AUTH_SCHEME + " error=\"" + code.code() + "\"").equals(header);
  }

  /**
   * What a call may be made with.
   *
   * @param standing for whom it is
   * @param chains for the service, in the order of preference, not empty
   */
  record Warrant(Standing standing, List<HeldChain> chains) {
    Warrant {
      chains = List.copyOf(chains);
    }
  }
}

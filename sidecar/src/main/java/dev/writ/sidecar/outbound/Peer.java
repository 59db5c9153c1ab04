package dev.writ.sidecar.outbound;

import dev.writ.contract.MalformedException;
import dev.writ.contract.Names;
import dev.writ.contract.SpiffeId;
import dev.writ.contract.document.IdentityCredential;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClientConnection;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.RequestOptions;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * One connection to a replica of a guarded service, and what it told about the replica. Belongs to
 * its event loop. Behind a ClusterIP each connection may reach another replica, so the challenge is
 * asked on the very connection that will carry the calls.
 */
final class Peer {
  private static final int MAX_ANSWER = 16 * 1024;
  private static final long ASK_SECONDS = 5;

  private final HttpClientConnection wire;
  private final CallContext context;
  private @Nullable ReplicaNonces nonces;

  /** Whom {@link #credential} is of: behind a proxy of HTTP replies may come from another one. */
  private @Nullable ReplicaNonces identified;

  private @Nullable IdentityCredential credential;
  private long identifiedUntil;
  private boolean closed;

  /** Monotonic milliseconds since when nobody uses it. */
  private long idleSince;

  /** Monotonic milliseconds when the last call went on it. */
  private long calledAt;

  Peer(HttpClientConnection wire, CallContext context) {
    this.wire = wire;
    this.context = context;
  }

  HttpClientConnection wire() {
    return wire;
  }

  boolean isClosed() {
    return closed;
  }

  void markClosed() {
    closed = true;
  }

  long idleSince() {
    return idleSince;
  }

  void idleSince(long now) {
    idleSince = now;
  }

  /** A call goes on it now. */
  void called() {
    calledAt = context.time().moment().monotonicMillis();
  }

  /** Whether an idle connection can carry another call, as far as is known. */
  boolean isUsable() {
    ReplicaNonces of = nonces;
    return !closed && (of == null || of.keeps(calledAt));
  }

  /** The replica ended this connection with its answer. */
  void endedByReplica() {
    ReplicaNonces of = nonces;
    if (of != null) {
      of.moveOn(context.time().moment().monotonicMillis());
    }
  }

  /** The nonces of the replica, after a challenge that is still good where there is none. */
  Future<ReplicaNonces> nonces(SpiffeId service, String authority) {
    ReplicaNonces known = nonces;
    if (known != null && context.time().moment().epochSeconds() < identifiedUntil) {
      return Future.succeededFuture(known);
    }
    return ask(service, authority);
  }

  /** Asks for a challenge, checks who answers, and offers the challenge to the replica's nonces. */
  Future<ReplicaNonces> ask(SpiffeId service, String authority) {
    RequestOptions options =
        new RequestOptions()
            .setMethod(HttpMethod.GET)
            .setURI(Names.CHALLENGE_PATH + "?" + Names.CHALLENGE_JKT + "=" + context.jkt());
    return wire.request(options)
        .compose(
            request -> {
              Onward.name(request, authority);
              return request.send();
            })
        .compose(reply -> Bodies.collect(reply, MAX_ANSWER).map(body -> new Answer(reply, body)))
        .timeout(ASK_SECONDS, TimeUnit.SECONDS)
        .transform(
            result -> {
              if (result.failed()) {
                String detail = "What answers for " + service + " gave no challenge.";
                return Future.failedFuture(
                    result.cause() instanceof TimeoutException
                        ? Failure.unreachable(detail)
                        : Failure.unsent(detail));
              }
              try {
                return Future.succeededFuture(accept(result.result(), service));
              } catch (Failure e) {
                return Future.failedFuture(e);
              }
            });
  }

  /**
   * A challenge that came with a reply. Behind a proxy of HTTP it may be of another replica than
   * the last one.
   */
  ReplicaNonces received(Challenge challenge) {
    long now = context.time().moment().monotonicMillis();
    ReplicaNonces of = context.replicas().of(challenge, now);
    of.offer(challenge, now);
    nonces = of;
    return of;
  }

  /** The credential of the replica that gave these nonces; null when it showed none. */
  @Nullable IdentityCredential credential(ReplicaNonces of) {
    return of == identified ? credential : null;
  }

  private ReplicaNonces accept(Answer answer, SpiffeId service) throws Failure {
    String text = answer.reply.getHeader(Names.HEADER_NONCE);
    if (answer.reply.statusCode() != 200 || text == null) {
      throw Failure.unreachable(
          "What answers for "
              + service
              + " is no Writ gate (status "
              + answer.reply.statusCode()
              + " to the challenge): is its pod injected?");
    }
    try {
      Challenge challenge = Challenge.parse(text);
      IdentityCheck.Replica replica =
          context
              .identities()
              .check(
                  answer.body.getBytes(),
                  context.state().current().trust(),
                  service,
                  context.time().moment().epochSeconds());
      identifiedUntil = replica.until();
      credential = replica.credential();
      identified = received(challenge);
      return identified;
    } catch (MalformedException e) {
      throw Failure.unreachable(
          "The replica that answered for "
              + service
              + " gave an unusable challenge: "
              + e.getMessage());
    }
  }

  private record Answer(HttpClientResponse reply, Buffer body) {}
}

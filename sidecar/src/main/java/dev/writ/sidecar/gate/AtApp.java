package dev.writ.sidecar.gate;

import dev.writ.audit.RecordChain.Sealed;
import dev.writ.contract.ErrorCode;
import dev.writ.contract.MalformedException;
import dev.writ.contract.Names;
import dev.writ.contract.Problem;
import dev.writ.contract.grant.ActionResult.Begins;
import dev.writ.contract.grant.Dialect;
import dev.writ.contract.grant.McpLists;
import dev.writ.contract.verify.Granted;
import dev.writ.sidecar.flow.BodyBudget;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A call while the app has it: what the gate adds to the answer, reads in it, cuts out of it, and
 * when it ends it. Lives on one event loop.
 */
final class AtApp implements Relay.Events, RunningAnswers.Running {
  private static final Logger LOG = LoggerFactory.getLogger(AtApp.class);

  private final Gate gate;
  private final Exchange exchange;
  private final BodyBudget.Part memory;
  private final Sealed sealed;
  private final ReplyHeaders adds;
  private final @Nullable Granted granted;
  private final long decidedNanos;
  private final Lifetime lifetime;
  private final Relay relay;
  private @Nullable AnswerTap tap;
  private @Nullable ListCut cut;

  /** Bytes of the answer that are kept to be read, or held back. */
  private long kept;

  private @Nullable ErrorCode endedBy;

  /**
   * What the gate adds to the app's answer.
   *
   * @param remaining calls left, null when none are counted
   * @param nonceFor thumbprint for a fresh challenge, null for none
   * @param lists what cuts the answer, null when it passes as it is
   */
  record ReplyHeaders(
      @Nullable Long remaining, @Nullable String nonceFor, @Nullable McpLists lists) {}

  /**
   * From now on.
   *
   * @param granted the call, null for one that goes on in shadow mode
   */
  AtApp(
      Gate gate,
      Exchange exchange,
      HttpServerRequest request,
      Carrier carrier,
      BodyBudget.Part memory,
      Sealed sealed,
      ReplyHeaders adds,
      @Nullable Granted granted) {
    this.gate = gate;
    this.exchange = exchange;
    this.memory = memory;
    this.sealed = sealed;
    this.adds = adds;
    this.granted = granted;
    this.decidedNanos = gate.parts().time().nanos();
    this.lifetime = new Lifetime(gate, granted);
    this.relay = new Relay(request, carrier, gate.context(), gate.flows(), this);
    gate.running().add(this);
    gate.metrics().forwarded();
  }

  /** Sends the call. */
  void send(HttpClient client, AppRequest to, RequestBody body) {
    relay.send(client, to.options(), to.authority(), body.bytes(), body.isWhole());
  }

  /** Asks the app for a WebSocket. */
  void open(HttpClient client, AppRequest to) {
    relay.open(client, to.options());
  }

  @Override
  public void look() {
    exchange.guarded(
        () -> {
          endedBy = lifetime.over();
          if (endedBy != null) {
            gate.metrics().ended(endedBy);
            relay.stop();
          }
        });
  }

  @Override
  public void answering(HttpServerResponse answer) {
    lifetime.moved();
    if (granted != null) {
      read(granted, answer);
    }
    McpLists lists = adds.lists();
    if (lists != null && answer.getStatusCode() == 200) {
      cut = ListCut.of(lists, answer.headers().get(HttpHeaders.CONTENT_TYPE));
    }
    if (cut != null) {
      answer.headers().remove(HttpHeaders.CONTENT_LENGTH);
    }
    answer.putHeader(Names.HEADER_RECEIPT, sealed.receipt());
    exchange.reply().begins();
    Long remaining = adds.remaining();
    if (remaining != null) {
      answer.putHeader(Names.HEADER_REMAINING, Long.toString(remaining));
    }
    String nonceFor = adds.nonceFor();
    if (nonceFor != null) {
      gate.answers().challenge(answer, nonceFor);
    }
  }

  /** What begins with this call belongs to its caller. */
  private void read(Granted call, HttpServerResponse answer) {
    String service = call.chain().root().aud();
    String subject = call.chain().subject();
    String session = answer.headers().get("mcp-session-id");
    if (call.begins() == Begins.SESSION && session != null) {
      gate.owners().beganSession(service, subject, session);
    }
    if (call.begins() == Begins.TASK) {
      tap =
          new AnswerTap(answer.headers(), task -> gate.owners().beganTask(service, subject, task));
    }
  }

  @Override
  public void sent() {
    lifetime.touched();
  }

  @Override
  public void moved() {
    lifetime.moved();
  }

  @Override
  public Buffer part(Buffer part) {
    lifetime.moved();
    return pass(part);
  }

  @Override
  public Buffer rest() {
    return cut == null ? Buffer.buffer() : pass(null);
  }

  /**
   * Reads a part, or the end.
   *
   * @return what passes of it. What cannot be read does not pass: the answer breaks off
   */
  private Buffer pass(@Nullable Buffer part) {
    try {
      if (tap != null && part != null) {
        tap.part(part);
        keep(tap.held());
      }
      ListCut by = cut;
      if (by == null) {
        return Objects.requireNonNullElseGet(part, Buffer::buffer);
      }
      Buffer passes = part == null ? by.rest() : by.part(part);
      keep(by.held());
      return passes;
    } catch (MalformedException e) {
      LOG.atWarn()
          .addKeyValue("upstream", gate.upstream())
          .addKeyValue("receipt", sealed.receipt())
          .addKeyValue("cause", String.valueOf(e.getMessage()))
          .log("Couldn't read an answer of the app");
      endedBy = ErrorCode.UPSTREAM_UNAVAILABLE;
      relay.stop();
      return Buffer.buffer();
    }
  }

  /** What is kept of an answer counts as what is held of requests. */
  private void keep(long bytes) throws MalformedException {
    if (bytes < kept) {
      memory.give(kept - bytes);
    } else if (!memory.take(bytes - kept)) {
      throw new MalformedException("no memory for it now");
    }
    kept = bytes;
  }

  @Override
  public void crowdedOut() {
    endedBy = ErrorCode.TOO_MANY_CONCURRENT;
    gate.metrics().ended(endedBy);
    LOG.atWarn()
        .addKeyValue("receipt", sealed.receipt())
        .log("Ended an answer that its caller does not take: others need the memory");
  }

  @Override
  public void ended(int status) {
    if (tap != null) {
      tap.ended();
    }
    over(status);
    exchange.end();
  }

  @Override
  public void unreachable(Throwable cause) {
    LOG.atWarn()
        .addKeyValue("upstream", gate.upstream())
        .addKeyValue("receipt", sealed.receipt())
        .addKeyValue("cause", String.valueOf(cause.getMessage()))
        .log("Couldn't get an answer from the app");
    over(0);
    answer(ErrorCode.UPSTREAM_UNAVAILABLE, Dialect.HTTP);
  }

  @Override
  public void stopped() {
    over(0);
    answer(Objects.requireNonNull(endedBy), granted == null ? Dialect.HTTP : granted.dialect());
  }

  private void answer(ErrorCode code, Dialect dialect) {
    exchange
        .reply()
        .problem(Problem.of(code).withReceipt(sealed.receipt()), dialect, adds.nonceFor());
  }

  private void over(int status) {
    gate.running().remove(this);
    gate.metrics().ended();
    gate.recorder().end(sealed, status, decidedNanos, endedBy);
  }
}

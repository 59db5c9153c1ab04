package dev.writ.sidecar.gate;

import dev.writ.audit.RecordChain.Sealed;
import dev.writ.contract.ErrorCode;
import dev.writ.contract.MalformedException;
import dev.writ.contract.Names;
import dev.writ.contract.Problem;
import dev.writ.contract.grant.ActionResult.Begins;
import dev.writ.contract.grant.Dialect;
import dev.writ.contract.grant.McpLists;
import dev.writ.contract.grant.Ownership;
import dev.writ.contract.verify.BodyResult;
import dev.writ.contract.verify.Chain;
import dev.writ.contract.verify.Field;
import dev.writ.contract.verify.Granted;
import dev.writ.contract.verify.Listener;
import dev.writ.contract.verify.Moment;
import dev.writ.contract.verify.Protocol;
import dev.writ.contract.verify.Proven;
import dev.writ.contract.verify.Refusal;
import dev.writ.contract.verify.RequestHead;
import dev.writ.contract.verify.Verifier;
import dev.writ.sidecar.Configuration.Enforcement;
import dev.writ.sidecar.count.Admission;
import dev.writ.sidecar.count.Admission.Admitted;
import dev.writ.sidecar.journal.AuditUnavailableException;
import dev.writ.sidecar.state.Snapshot;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.http.HttpVersion;
import io.vertx.core.net.HostAndPort;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One request, from its head to the end of its answer: reads like protocol.md, section 4. Lives on
 * one event loop; every entry from outside goes through {@link #guarded}, the one place that fails
 * closed.
 */
final class Exchange {
  private static final Logger LOG = LoggerFactory.getLogger(Exchange.class);

  /** Step 1. Refused in shadow mode too: what two parsers read differently is not passed on. */
  private static final Set<ErrorCode> FRAMING =
      Set.of(ErrorCode.CONTRACT_TOO_LARGE, ErrorCode.MALFORMED, ErrorCode.ACTION_NOT_GRANTED);

  /** How long a call may wait for an allowance. */
  private static final long MAX_WAIT_NANOS = 1_000_000_000;

  /** A call that took longer since its chain was looked at has it looked at again. */
  private static final long MOMENT_NANOS = 100_000_000;

  /** Longer than a pod takes to end. */
  private static final long MOVE_ON_SECONDS = 3_600;

  private final Gate gate;
  private final HttpServerRequest request;
  private final HttpServerResponse response;
  private final Carrier guard;
  private final RequestHead head;
  private final long declared;

  /** Whether a body may come of which the head does not say how long it is. */
  private final boolean chunked;

  private final boolean http2;
  private final boolean upgrade;
  private final long startNanos;
  private long lookedNanos;
  private Buffer body = Buffer.buffer();
  private long reserved;
  private boolean bodyRead;
  private boolean decided;
  private boolean done;
  private String service = "";
  private String subject = "";
  private Begins begins = Begins.NOTHING;
  private @Nullable McpLists lists;
  private Admission.@Nullable Place place;

  /** Receipt of the call while the app has it. */
  private @Nullable String working;

  Exchange(Gate gate, HttpServerRequest request, Carrier guard) {
    this.gate = gate;
    this.request = request;
    this.response = request.response();
    this.guard = guard;
    this.startNanos = gate.parts().time().nanos();
    this.lookedNanos = startNanos;
    this.http2 = request.version() == HttpVersion.HTTP_2;
    this.head = new RequestHead(request.method().name(), request.uri(), fields(request, http2));
    String length = request.getHeader(HttpHeaders.CONTENT_LENGTH);
    this.declared = length == null ? 0 : Long.parseLong(length);
    this.chunked =
        http2 ? length == null : request.headers().contains(HttpHeaders.TRANSFER_ENCODING);
    this.upgrade = request.headers().contains(HttpHeaders.UPGRADE);
    this.bodyRead = !http2 && declared == 0 && !chunked;
  }

  private static List<Field> fields(HttpServerRequest request, boolean http2) {
    List<Field> fields = new ArrayList<>(request.headers().size());
    for (Map.Entry<String, String> header : request.headers()) {
      fields.add(new Field(header.getKey(), header.getValue()));
    }
    HostAndPort named = http2 ? request.authority() : null;
    if (named != null) {
      fields.add(new Field("host", named.toString()));
    }
    return fields;
  }

  /** Begins. */
  void start() {
    guarded(
        () -> {
          if (reserve(headBytes())) {
            judgeHead();
          } else {
            refuse(
                new Refusal(ErrorCode.TOO_MANY_CONCURRENT, "heads in memory", null, null, null),
                null);
          }
        });
  }

  /** It is kept until the end, which can be far away. */
  private long headBytes() {
    long bytes = head.target().length();
    for (Field field : head.fields()) {
      bytes += field.name().length() + field.value().length();
    }
    return bytes;
  }

  private void guarded(Runnable step) {
    try {
      step.run();
    } catch (RuntimeException e) {
      gate.metrics().failed();
      decided = true;
      LOG.atError().setCause(e).log("Refused a call because of a defect");
      if (response.headWritten()) {
        guard.abort();
        end();
      } else {
        if (!http2) {
          response.putHeader(HttpHeaders.CONNECTION, HttpHeaders.CLOSE);
        }
        closeAfter(response.setStatusCode(500).end());
      }
    }
  }

  private void judgeHead() {
    if (ChallengeEndpoint.claims(head.target())) {
      guard.answering();
      finish(gate.challenge().answer(request, closes()));
      return;
    }
    Snapshot snapshot = gate.parts().state().current();
    Listener listener = gate.listener(snapshot);
    service = listener.services().stream().sorted().findFirst().orElse("");
    if (snapshot.trust() == null) {
      unread(new Refusal(ErrorCode.REVOCATION_STALE, "not enrolled yet", null, null, null));
      return;
    }
    if (gate.parts().capture().refuses()) {
      unread(new Refusal(ErrorCode.EXPOSED, "listeners", null, null, null));
      return;
    }
    Moment now = gate.parts().time().moment();
    switch (gate.parts().verifier().head(head, listener, snapshot.revocations(), now)) {
      case Refusal refusal when FRAMING.contains(refusal.code()) -> refuse(refusal, null);
      case Refusal refusal when refusal.code() == ErrorCode.MISSING_CONTRACT -> unread(refusal);
      case Refusal refusal -> refused(refusal, null);
      case Proven proven -> {
        service = proven.chain().root().aud();
        readBody(proven);
      }
    }
  }

  /**
   * A refusal that came before the framing was looked at: shadow mode must not let that through.
   */
  private void unread(Refusal refusal) {
    boolean shadow = gate.parts().configuration().enforcement() == Enforcement.AUDIT;
    Refusal framing = shadow ? Verifier.framing(head) : null;
    if (framing != null) {
      refuse(framing, null);
    } else if (shadow && request.method().equals(HttpMethod.CONNECT)) {
      refuse(new Refusal(ErrorCode.ACTION_NOT_GRANTED, "CONNECT", null, null, null), null);
    } else {
      refused(refusal, null);
    }
  }

  private void readBody(Proven proven) {
    String expect = request.getHeader(HttpHeaders.EXPECT);
    if (expect != null && !expect.equalsIgnoreCase("100-continue")) {
      refuse(after(proven, ErrorCode.MALFORMED, "expectation"), null);
    } else if (upgrade && !isHandshake()) {
      refuse(after(proven, ErrorCode.ACTION_NOT_GRANTED, "upgrade"), null);
    } else if (proven.isOpening()) {
      // Nobody reads what comes on the stream before the app does.
      if (!bodyRead) {
        request.pause();
      }
      judged(gate.parts().verifier().opening(proven));
    } else if (bodyRead) {
      judgeBody(proven);
    } else if (declared > gate.parts().configuration().bodyLimit()) {
      tooLarge(proven);
    } else if (!reserve(declared)) {
      busy(proven);
    } else {
      request.handler(part -> guarded(() -> collect(proven, part)));
      request.endHandler(_ -> guarded(() -> collected(proven)));
      request.exceptionHandler(_ -> end());
      if (expect != null) {
        response.writeContinue();
      }
    }
  }

  /** Whether the caller asks for a WebSocket as RFC 6455, section 4.1, says. */
  private boolean isHandshake() {
    String connection = request.getHeader(HttpHeaders.CONNECTION);
    return bodyRead
        && request.method().equals(HttpMethod.GET)
        && connection != null
        && List.of(connection.toLowerCase(Locale.ROOT).split("[ ,]+", -1)).contains("upgrade");
  }

  /** A refusal after step 8: it names the chain, and renews a challenge that wears out. */
  private static Refusal after(Proven proven, ErrorCode code, String reason) {
    return new Refusal(code, reason, proven.chain(), null, proven.challengeFor());
  }

  private void collect(Proven proven, Buffer part) {
    if (decided) {
      return;
    }
    if (chunked && !reserve(part.length())) {
      busy(proven);
      return;
    }
    body.appendBuffer(part);
    if (body.length() > gate.parts().configuration().bodyLimit()) {
      tooLarge(proven);
    }
  }

  private void collected(Proven proven) {
    if (!decided) {
      bodyRead = true;
      judgeBody(proven);
    }
  }

  private boolean reserve(long bytes) {
    if (!gate.budget().take(bytes)) {
      return false;
    }
    reserved += bytes;
    return true;
  }

  private void tooLarge(Proven proven) {
    refused(after(proven, ErrorCode.BODY_TOO_LARGE, "body"), null);
  }

  private void busy(Proven proven) {
    refuse(after(proven, ErrorCode.TOO_MANY_CONCURRENT, "bodies in memory"), null);
  }

  private void judgeBody(Proven proven) {
    Ownership ownership = gate.owners().of(service, proven.chain().subject());
    judged(gate.parts().verifier().body(proven, body.getBytes(), ownership));
  }

  private void judged(BodyResult result) {
    switch (result) {
      case Refusal refusal -> refused(refusal, null);
      case Granted granted -> spend(granted);
    }
  }

  /**
   * Whoever was found good at its head could hold back the rest of the call, and end it when its
   * contract is over or revoked. So what took a while is asked again of steps 4 to 7 before
   * anything is spent.
   *
   * @return why such a call would be refused now, null when it would not
   */
  private @Nullable ErrorCode lapsed(Granted granted) {
    long nanos = gate.parts().time().nanos();
    if (nanos - lookedNanos < MOMENT_NANOS) {
      return null;
    }
    lookedNanos = nanos;
    return gate.again(granted, gate.parts().state().current());
  }

  /** Refuses a call that lapsed before anything of it was spent. */
  private boolean isOver(Granted granted) {
    ErrorCode code = lapsed(granted);
    if (code == null) {
      return false;
    }
    refused(
        new Refusal(code, "ended while it came", granted.chain(), granted.action(), null), granted);
    return true;
  }

  private void spend(Granted granted) {
    if (isOver(granted)) {
      return;
    }
    Moment now = gate.parts().time().moment();
    Refusal replayed = gate.parts().verifier().spend(granted, now);
    if (replayed != null) {
      refused(replayed, granted);
      return;
    }
    if (!granted.counted()) {
      admit(granted, new Admitted(List.of(), () -> {}));
      return;
    }
    count(granted, gate.parts().time().nanos() + MAX_WAIT_NANOS);
  }

  /** Step 12. A call that finds no allowance waits a little: for the first grant, or the last. */
  private void count(Granted granted, long untilNanos) {
    if (response.closed()) {
      // Nobody would hear the answer: nothing is spent.
      end();
      return;
    }
    if (isOver(granted)) {
      return;
    }
    Moment now = gate.parts().time().moment();
    switch (gate.parts().counter().spend(Blocks.of(granted.chain()), now.epochSeconds())) {
      case Admission.Refused refused -> {
        boolean waits =
            refused.code() == ErrorCode.QUOTA_UNAVAILABLE
                && gate.parts().time().nanos() < untilNanos
                && awaitMore(() -> count(granted, untilNanos), untilNanos);
        if (!waits) {
          overLimit(granted, refused, now);
        }
      }
      case Admitted admitted -> admit(granted, admitted);
    }
  }

  /** Tries again when more may have been granted, or when the time is over; false for at once. */
  private boolean awaitMore(Runnable again, long untilNanos) {
    AtomicBoolean ran = new AtomicBoolean();
    Runnable once =
        () -> {
          if (ran.compareAndSet(false, true)) {
            gate.context().runOnContext(_ -> guarded(again));
          }
        };
    if (!gate.parts().counter().later(once)) {
      return false;
    }
    long millis = Math.max(1, (untilNanos - gate.parts().time().nanos()) / 1_000_000);
    gate.context().owner().setTimer(millis, _ -> once.run());
    return true;
  }

  private void overLimit(Granted granted, Admission.Refused refused, Moment now) {
    Problem problem =
        new Problem(refused.code(), null, refused.limit(), refused.used(), refused.resetAt());
    refused(
        new Refused(
            problem,
            granted.chain(),
            granted.action(),
            granted.renewNonce(now) ? holder(granted) : null,
            granted,
            granted.dialect()));
  }

  private void admit(Granted granted, Admitted admitted) {
    decided = true;
    place = admitted.place();
    Sealed sealed;
    try {
      sealed = gate.recorder().allow(call(), granted, admitted.counted());
    } catch (AuditUnavailableException _) {
      answer(Problem.of(ErrorCode.AUDIT_UNAVAILABLE), granted.dialect(), null);
      return;
    }
    if (granted.chain().root().auditSync()) {
      gate.syncWait()
          .until(
              sealed.seq(),
              (Boolean stored) -> guarded(() -> logged(stored, granted, admitted, sealed)));
    } else {
      goOn(granted, admitted, sealed);
    }
  }

  /** The log has the record of a call that had to wait for it, or did not say so in time. */
  private void logged(boolean stored, Granted granted, Admitted admitted, Sealed sealed) {
    if (response.closed()) {
      // Nobody waits for an answer: the app must not see the call.
      gate.recorder().end(sealed, 0, gate.parts().time().nanos(), null);
      end();
      return;
    }
    ErrorCode code = stored ? lapsed(granted) : ErrorCode.AUDIT_UNAVAILABLE;
    if (code == null) {
      goOn(granted, admitted, sealed);
    } else {
      gate.recorder().end(sealed, 0, gate.parts().time().nanos(), stored ? code : null);
      answer(Problem.of(code).withReceipt(sealed.receipt()), granted.dialect(), null);
    }
  }

  private void goOn(Granted granted, Admitted admitted, Sealed sealed) {
    String nonceFor = granted.renewNonce(gate.parts().time().moment()) ? holder(granted) : null;
    Long remaining = admitted.remaining();
    working = sealed.receipt();
    String context = gate.workBook().open(head, granted, sealed.receipt());
    AppRequest to = AppRequest.of(head, gate.upstream()).identify(granted, context);
    lists = lists(granted);
    if (granted.begins() == Begins.TASK || lists != null) {
      // The answer is read, and therefore has to be readable.
      to.uncoded();
    }
    begins = granted.begins();
    subject = granted.chain().subject();
    forward(to, bodyRead, sealed, new ReplyHeaders(sealed.receipt(), remaining, nonceFor), granted);
  }

  /** What cuts the answer, null when it passes as it is. */
  private @Nullable McpLists lists(Granted granted) {
    boolean asked =
        gate.parts().configuration().answers().grantedListsOnly()
            && gate.listener(gate.parts().state().current()).protocol() == Protocol.MCP
            && !granted.counted();
    return asked ? McpLists.of(granted.chain().blocks(), body.getBytes()) : null;
  }

  private static String holder(Granted granted) {
    return granted.chain().holder().thumbprint();
  }

  private Recorder.Call call() {
    return new Recorder.Call(head, service, String.valueOf(request.remoteAddress()), startNanos);
  }

  /**
   * A refusal with all that goes into its record and its answer.
   *
   * @param nonceFor thumbprint for a fresh challenge, null for none
   */
  private record Refused(
      Problem problem,
      @Nullable Chain chain,
      @Nullable String action,
      @Nullable String nonceFor,
      @Nullable Granted granted,
      Dialect dialect) {
    static Refused of(Refusal refusal, @Nullable Granted granted) {
      return new Refused(
          Problem.of(refusal.code()),
          refusal.chain(),
          refusal.action(),
          refusal.challengeFor(),
          granted,
          refusal.dialect());
    }
  }

  /** A refusal that holds in both modes. */
  private void refuse(Refusal refusal, @Nullable Granted granted) {
    Refused refused = Refused.of(refusal, granted);
    Sealed sealed = record(refused);
    if (sealed != null) {
      answer(
          refused.problem().withReceipt(sealed.receipt()), refused.dialect(), refused.nonceFor());
    }
  }

  /**
   * A refusal of steps 2 to 12, or a missing contract: in shadow mode it is recorded and the call
   * goes on.
   */
  private void refused(Refusal refusal, @Nullable Granted granted) {
    refused(Refused.of(refusal, granted));
  }

  private void refused(Refused refused) {
    Sealed sealed = record(refused);
    if (sealed == null) {
      return;
    }
    // In shadow mode too: without its meaning an upgrade is another request.
    if (upgrade || gate.parts().configuration().enforcement() == Enforcement.ENFORCE) {
      answer(
          refused.problem().withReceipt(sealed.receipt()), refused.dialect(), refused.nonceFor());
    } else {
      forward(
          AppRequest.of(head, gate.upstream()),
          bodyRead,
          sealed,
          new ReplyHeaders(sealed.receipt(), null, refused.nonceFor()),
          null);
    }
  }

  /** Journals the refusal; null when that failed and was answered. */
  private @Nullable Sealed record(Refused refused) {
    decided = true;
    try {
      return gate.recorder()
          .refuse(
              call(),
              refused.problem().code(),
              refused.action(),
              refused.chain(),
              refused.granted());
    } catch (AuditUnavailableException _) {
      answer(Problem.of(ErrorCode.AUDIT_UNAVAILABLE), refused.dialect(), null);
      return null;
    }
  }

  /**
   * Challenges are left out: a caller that was just led here has to get its call through. Who keeps
   * the connection all the same loses it at the stop.
   */
  private void askToMoveOn() {
    if (!gate.parts().leaving().said()) {
      return;
    }
    if (http2) {
      // Takes no new calls from here on; those that are open end as they would.
      var _ = request.connection().shutdown(MOVE_ON_SECONDS, TimeUnit.SECONDS);
    } else {
      response.putHeader(HttpHeaders.CONNECTION, HttpHeaders.CLOSE);
    }
  }

  private void answer(Problem problem, Dialect dialect, @Nullable String nonceFor) {
    guard.answering();
    askToMoveOn();
    finish(gate.answers().problem(response, problem, dialect, nonceFor, closes()));
  }

  /** Whether the connection ends with an answer, because the rest of the request is not read. */
  private boolean closes() {
    return !bodyRead && !http2;
  }

  private void finish(Future<Void> written) {
    if (bodyRead) {
      guard.finishing();
      written.onComplete(_ -> end());
    } else {
      closeAfter(written);
    }
  }

  private void closeAfter(Future<Void> written) {
    guard.stopReading();
    guard.finishing();
    written.onComplete(
        _ -> {
          end();
          guard.linger();
        });
  }

  /**
   * What the gate adds to the app's answer.
   *
   * @param remaining calls left, null when none are counted
   * @param nonceFor thumbprint for a fresh challenge, null for none
   */
  private record ReplyHeaders(
      String receipt, @Nullable Long remaining, @Nullable String nonceFor) {}

  private void forward(
      AppRequest to, boolean whole, Sealed sealed, ReplyHeaders reply, @Nullable Granted granted) {
    long now = gate.parts().time().nanos();
    HttpClient client = gate.clients().http1();
    HostAndPort named = request.authority();
    if (named != null && speaksGrpc()) {
      client = gate.clients().http2();
      to.overHttp2(named);
    }
    boolean empty = http2 && body.length() == 0 && declared == 0;
    if (whole && !empty && (chunked || request.headers().contains(HttpHeaders.CONTENT_LENGTH))) {
      to.length(body.length());
    } else if (!whole && chunked) {
      to.chunked();
    } else if (!whole) {
      to.length(declared);
    }
    // Unless the body is read already, shadow mode has a refusal before it: then it goes to the app
    // as it comes.
    if (!whole) {
      guard.streaming(granted != null);
      request.handler(null).endHandler(null).exceptionHandler(null);
      if (request.getHeader(HttpHeaders.EXPECT) != null && body.length() == 0) {
        response.writeContinue();
      }
    }
    if (upgrade) {
      to.upgrade();
    }
    gate.metrics().forwarded();
    Watch watch = new Watch(sealed, now, reply, granted);
    if (upgrade) {
      watch.relay.open(client, to.options());
    } else {
      watch.relay.send(client, to.options(), to.authority(), body, whole);
    }
  }

  /** Whether this is gRPC, for an app that has to be spoken to over HTTP/2. */
  private boolean speaksGrpc() {
    if (!http2) {
      return false;
    }
    String type = request.getHeader(HttpHeaders.CONTENT_TYPE);
    return switch (gate.parts().state().current().listeners().get(gate.index()).protocol()) {
      case GRPC -> true;
      case A2A -> type != null && type.toLowerCase(Locale.ROOT).startsWith("application/grpc");
      case HTTP, MCP -> false;
    };
  }

  /** Follows the relay. */
  private final class Watch implements Relay.Events, RunningAnswers.Running {
    private final Sealed sealed;
    private final long decidedNanos;
    private final ReplyHeaders reply;
    private final Dialect dialect;
    private final Lifetime lifetime;
    private final Relay relay = new Relay(request, guard, gate.context(), this);
    private @Nullable AnswerTap tap;
    private @Nullable ListCut cut;

    /** Bytes that the cut holds back. */
    private long kept;

    private @Nullable ErrorCode endedBy;

    Watch(Sealed sealed, long decidedNanos, ReplyHeaders reply, @Nullable Granted granted) {
      this.sealed = sealed;
      this.decidedNanos = decidedNanos;
      this.reply = reply;
      this.dialect = granted == null ? Dialect.HTTP : granted.dialect();
      this.lifetime = new Lifetime(gate, granted);
      gate.running().add(this);
    }

    @Override
    public void look() {
      guarded(
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
      guard.answering();
      lifetime.moved();
      String session = answer.headers().get("mcp-session-id");
      if (begins == Begins.SESSION && session != null) {
        gate.owners().beganSession(service, subject, session);
      }
      if (begins == Begins.TASK) {
        tap =
            new AnswerTap(
                answer.headers(), task -> gate.owners().beganTask(service, subject, task));
      }
      if (lists != null && answer.getStatusCode() == 200) {
        cut = ListCut.of(lists, answer.headers().get(HttpHeaders.CONTENT_TYPE));
      }
      if (cut != null) {
        answer.headers().remove(HttpHeaders.CONTENT_LENGTH);
      }
      answer.putHeader(Names.HEADER_RECEIPT, reply.receipt());
      askToMoveOn();
      Long remaining = reply.remaining();
      if (remaining != null) {
        answer.putHeader(Names.HEADER_REMAINING, Long.toString(remaining));
      }
      String nonceFor = reply.nonceFor();
      if (nonceFor != null) {
        gate.answers().challenge(answer, nonceFor);
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
      if (tap != null) {
        tap.part(part);
      }
      return cut == null ? part : cut(cut, part);
    }

    @Override
    public Buffer rest() {
      return cut == null ? Buffer.buffer() : cut(cut, null);
    }

    /** What cannot be read does not pass: the answer breaks off. */
    private Buffer cut(ListCut by, @Nullable Buffer part) {
      try {
        Buffer passes = part == null ? by.rest() : by.part(part);
        hold(by.held());
        return passes;
      } catch (MalformedException e) {
        LOG.atWarn()
            .addKeyValue("upstream", gate.upstream())
            .addKeyValue("receipt", sealed.receipt())
            .addKeyValue("cause", String.valueOf(e.getMessage()))
            .log("Couldn't read a list of the app");
        endedBy = ErrorCode.UPSTREAM_UNAVAILABLE;
        relay.stop();
        return Buffer.buffer();
      }
    }

    /** What is held back of an answer counts as what is held of requests. */
    private void hold(long bytes) throws MalformedException {
      if (bytes < kept) {
        gate.budget().give(kept - bytes);
        reserved -= kept - bytes;
      } else if (!reserve(bytes - kept)) {
        throw new MalformedException("no memory for it now");
      }
      kept = bytes;
    }

    @Override
    public void ended(int status) {
      if (tap != null) {
        tap.ended();
      }
      over(status);
      end();
    }

    @Override
    public void unreachable(Throwable cause) {
      LOG.atWarn()
          .addKeyValue("upstream", gate.upstream())
          .addKeyValue("receipt", sealed.receipt())
          .addKeyValue("cause", String.valueOf(cause.getMessage()))
          .log("Couldn't get an answer from the app");
      over(0);
      answer(
          Problem.of(ErrorCode.UPSTREAM_UNAVAILABLE).withReceipt(sealed.receipt()),
          Dialect.HTTP,
          reply.nonceFor());
    }

    @Override
    public void stopped() {
      over(0);
      Problem problem = Problem.of(Objects.requireNonNull(endedBy)).withReceipt(sealed.receipt());
      answer(problem, dialect, reply.nonceFor());
    }

    private void over(int status) {
      gate.running().remove(this);
      gate.metrics().ended();
      gate.recorder().end(sealed, status, decidedNanos, endedBy);
    }
  }

  /**
   * Gives back what the call holds. Once; also when the caller is gone before there was a decision.
   */
  private void end() {
    if (done) {
      return;
    }
    done = true;
    guard.answered();
    gate.budget().give(reserved);
    if (working != null) {
      gate.workBook().answered(working);
    }
    Admission.Place held = place;
    if (held != null) {
      held.leave();
    }
  }
}

package dev.writ.sidecar.gate;

import dev.writ.audit.RecordChain.Sealed;
import dev.writ.contract.ErrorCode;
import dev.writ.contract.Problem;
import dev.writ.contract.grant.ActionResult.Begins;
import dev.writ.contract.grant.McpLists;
import dev.writ.contract.grant.Ownership;
import dev.writ.contract.verify.BodyResult;
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
import dev.writ.sidecar.flow.BodyBudget;
import dev.writ.sidecar.journal.AuditUnavailableException;
import dev.writ.sidecar.state.Snapshot;
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
import java.util.Set;
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

  /** What a call at the app costs with its two connections, bytes. Measured. */
  private static final long CALL_BYTES = 20 * 1024;

  private static final int FIELD_BYTES = 256;

  private final Gate gate;
  private final HttpServerRequest request;
  private final HttpServerResponse response;
  private final Carrier guard;
  private final RequestHead head;
  private final BodyBudget.Part memory;
  private final RequestBody body;
  private final Reply reply;
  private final boolean http2;
  private final boolean upgrade;
  private final long startNanos;
  private long lookedNanos;
  private boolean decided;
  private boolean done;
  private String service = "";
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
    this.memory = gate.budget().part();
    this.body = new RequestBody(request, memory, gate.parts().configuration().bodyLimit());
    this.reply = new Reply(gate, request, guard, body, memory, this::end);
    this.upgrade = request.headers().contains(HttpHeaders.UPGRADE);
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
          if (memory.take(headBytes())) {
            judgeHead();
          } else {
            refuse(
                new Refusal(ErrorCode.TOO_MANY_CONCURRENT, "calls in memory", null, null, null),
                null);
          }
        });
  }

  /** It is kept until the end, which can be far away, and so is what else a call costs. */
  private long headBytes() {
    long bytes = CALL_BYTES + head.target().length();
    for (Field field : head.fields()) {
      bytes += FIELD_BYTES + field.name().length() + field.value().length();
    }
    return bytes;
  }

  /** Runs what comes from outside; the one place that fails closed. */
  void guarded(Runnable step) {
    try {
      step.run();
    } catch (RuntimeException e) {
      gate.metrics().failed();
      decided = true;
      LOG.atError().setCause(e).log("Refused a call because of a defect");
      reply.defect();
    }
  }

  private void judgeHead() {
    if (ChallengeEndpoint.claims(head.target())) {
      reply.challenge();
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
      if (!body.isWhole()) {
        request.pause();
      }
      judged(gate.parts().verifier().opening(proven));
    } else if (body.read(outcome -> judgeBody(proven, outcome), this::end, this::guarded)
        && expect != null) {
      response.writeContinue();
    }
  }

  /** Whether the caller asks for a WebSocket as RFC 6455, section 4.1, says. */
  private boolean isHandshake() {
    String connection = request.getHeader(HttpHeaders.CONNECTION);
    return body.isWhole()
        && request.method().equals(HttpMethod.GET)
        && connection != null
        && List.of(connection.toLowerCase(Locale.ROOT).split("[ ,]+", -1)).contains("upgrade");
  }

  /** A refusal after step 8: it names the chain, and renews a challenge that wears out. */
  private static Refusal after(Proven proven, ErrorCode code, String reason) {
    return new Refusal(code, reason, proven.chain(), null, proven.challengeFor());
  }

  private void judgeBody(Proven proven, RequestBody.Outcome outcome) {
    if (decided) {
      return;
    }
    switch (outcome) {
      case WHOLE -> {
        Ownership ownership = gate.owners().of(service, proven.chain().subject());
        judged(gate.parts().verifier().body(proven, body.bytes().getBytes(), ownership));
      }
      case TOO_LARGE -> refused(after(proven, ErrorCode.BODY_TOO_LARGE, "body"), null);
      case NO_ROOM ->
          refuse(after(proven, ErrorCode.TOO_MANY_CONCURRENT, "bodies in memory"), null);
    }
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
      reply.problem(Problem.of(ErrorCode.AUDIT_UNAVAILABLE), granted.dialect(), null);
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
      reply.problem(Problem.of(code).withReceipt(sealed.receipt()), granted.dialect(), null);
    }
  }

  private void goOn(Granted granted, Admitted admitted, Sealed sealed) {
    String nonceFor = granted.renewNonce(gate.parts().time().moment()) ? holder(granted) : null;
    Long remaining = admitted.remaining();
    working = sealed.receipt();
    String context = gate.workBook().open(head, granted, sealed.receipt());
    AppRequest to = AppRequest.of(head, gate.upstream()).identify(granted, context);
    McpLists lists = lists(granted);
    if (granted.begins() == Begins.TASK || lists != null) {
      // The answer is read, and therefore has to be readable.
      to.uncoded();
    }
    forward(to, sealed, new AtApp.ReplyHeaders(remaining, nonceFor, lists), granted);
  }

  /** What cuts the answer, null when it passes as it is. */
  private @Nullable McpLists lists(Granted granted) {
    boolean asked =
        gate.parts().configuration().answers().grantedListsOnly()
            && gate.listener(gate.parts().state().current()).protocol() == Protocol.MCP
            && !granted.counted();
    return asked ? McpLists.of(granted.chain().blocks(), body.bytes().getBytes()) : null;
  }

  private static String holder(Granted granted) {
    return granted.chain().holder().thumbprint();
  }

  private Recorder.Call call() {
    return new Recorder.Call(head, service, String.valueOf(request.remoteAddress()), startNanos);
  }

  /** A refusal that holds in both modes. */
  private void refuse(Refusal refusal, @Nullable Granted granted) {
    Refused refused = Refused.of(refusal, granted);
    Sealed sealed = record(refused);
    if (sealed != null) {
      reply.problem(
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
      reply.problem(
          refused.problem().withReceipt(sealed.receipt()), refused.dialect(), refused.nonceFor());
    } else {
      forward(
          AppRequest.of(head, gate.upstream()),
          sealed,
          new AtApp.ReplyHeaders(null, refused.nonceFor(), null),
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
      reply.problem(Problem.of(ErrorCode.AUDIT_UNAVAILABLE), refused.dialect(), null);
      return null;
    }
  }

  private void forward(
      AppRequest to, Sealed sealed, AtApp.ReplyHeaders adds, @Nullable Granted granted) {
    HttpClient client = gate.clients().http1();
    HostAndPort named = request.authority();
    if (named != null && speaksGrpc()) {
      client = gate.clients().http2();
      to.overHttp2(named);
    }
    body.frame(to);
    // Unless the body is read already, shadow mode has a refusal before it: then it goes to the app
    // as it comes.
    if (!body.isWhole()) {
      guard.streaming(granted != null);
      body.leave();
      if (request.getHeader(HttpHeaders.EXPECT) != null && body.bytes().length() == 0) {
        response.writeContinue();
      }
    }
    AtApp call = new AtApp(gate, this, request, guard, memory, sealed, adds, granted);
    if (upgrade) {
      to.upgrade();
      call.open(client, to);
    } else {
      call.send(client, to, body);
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

  /** What the gate itself says to the caller. */
  Reply reply() {
    return reply;
  }

  /**
   * Gives back what the call holds. Once; also when the caller is gone before there was a decision.
   */
  void end() {
    if (done) {
      return;
    }
    done = true;
    guard.answered();
    memory.close();
    if (working != null) {
      gate.workBook().answered(working);
    }
    Admission.Place held = place;
    if (held != null) {
      held.leave();
    }
  }
}

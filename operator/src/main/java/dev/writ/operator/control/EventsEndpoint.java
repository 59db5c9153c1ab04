package dev.writ.operator.control;

import com.sun.net.httpserver.HttpExchange;
import dev.writ.operator.issue.PodStates;
import dev.writ.operator.revoke.Epochs;
import dev.writ.operator.revoke.SignedList;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.util.List;
import java.util.function.Supplier;

/**
 * {@code GET /v1/events}: the current list at once, then whatever happens, a comment every ten
 * seconds.
 */
final class EventsEndpoint implements HttpsListener.StreamEndpoint {
  private static final long HEARTBEAT_MILLIS = 10_000;

  private final Authenticator authenticator;
  private final EventHub hub;
  private final Supplier<SignedList> current;
  private final PodStates pods;
  private final Epochs epochs;
  private final Clock clock;

  EventsEndpoint(
      Authenticator authenticator,
      EventHub hub,
      Supplier<SignedList> current,
      PodStates pods,
      Epochs epochs,
      Clock clock) {
    this.authenticator = authenticator;
    this.hub = hub;
    this.current = current;
    this.pods = pods;
    this.epochs = epochs;
    this.clock = clock;
  }

  @Override
  public void handle(HttpExchange exchange) throws ControlException, IOException {
    Caller caller =
        authenticator.authenticate(
            exchange.getRequestHeaders().getOrDefault("Authorization", List.of()));
    exchange.getRequestBody().close();
    String podUid = caller.pod().uid();
    EventStream stream = hub.join(podUid);
    try {
      // After joining, so that no change falls between.
      stream.offer(current.get());
      if (pods.mustEnrol(podUid)) {
        stream.refresh(epochs.current());
      }
      exchange.getResponseHeaders().set("Content-Type", "text/event-stream");
      exchange.getResponseHeaders().set("Cache-Control", "no-store");
      exchange.sendResponseHeaders(200, 0);
      send(exchange.getResponseBody(), stream, caller.tokenExpires());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      hub.leave(podUid, stream);
    }
  }

  /** Ends with the token: whoever is still there shows a new one. */
  private void send(OutputStream out, EventStream stream, long until)
      throws IOException, InterruptedException {
    while (clock.instant().getEpochSecond() < until) {
      String lines = stream.next(HEARTBEAT_MILLIS);
      if (lines == null) {
        return;
      }
      out.write(lines.getBytes(StandardCharsets.UTF_8));
      out.flush();
    }
  }
}

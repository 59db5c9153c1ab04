package dev.writ.sidecar.gate;

import dev.writ.contract.MalformedException;
import dev.writ.contract.Names;
import dev.writ.contract.json.JsonWriter;
import dev.writ.contract.verify.Challenges;
import dev.writ.contract.verify.Target;
import dev.writ.sidecar.Time;
import dev.writ.sidecar.state.OwnIdentity;
import dev.writ.sidecar.state.SidecarState;
import io.vertx.core.Future;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;

/**
 * Serves challenges on every captured port. Keeps no state, so it costs no more than the answer.
 * (protocol.md, section 3)
 */
final class ChallengeEndpoint {
  private static final String QUERY = Names.CHALLENGE_PATH + "?" + Names.CHALLENGE_JKT + "=";

  private final Challenges challenges;
  private final SidecarState state;
  private final Time time;

  ChallengeEndpoint(Challenges challenges, SidecarState state, Time time) {
    this.challenges = challenges;
    this.state = state;
    this.time = time;
  }

  /** Whether the request is for this endpoint, well-formed or not: then the app must not see it. */
  static boolean claims(String target) {
    return isBelow(target) || (target.indexOf('%') >= 0 && isBelow(decoded(target)));
  }

  private static boolean isBelow(String target) {
    String path = Names.CHALLENGE_PATH;
    return target.startsWith(path)
        && (target.length() == path.length() || "?;#/".indexOf(target.charAt(path.length())) >= 0);
  }

  /** As an app would read it; what cannot be read is refused later. */
  private static String decoded(String target) {
    try {
      return Target.parse(target).path();
    } catch (MalformedException e) {
      return "";
    }
  }

  /** Answers: 200 with the challenge, or 400. */
  Future<Void> answer(HttpServerRequest request, boolean close) {
    HttpServerResponse response =
        request.response().putHeader(HttpHeaders.CACHE_CONTROL, "no-store");
    if (close) {
      response.putHeader(HttpHeaders.CONNECTION, HttpHeaders.CLOSE);
    }
    String target = request.uri();
    if (!request.method().equals(HttpMethod.GET) || !target.startsWith(QUERY)) {
      return response.setStatusCode(400).end();
    }
    try {
      response.putHeader(
          Names.HEADER_NONCE, challenges.mint(target.substring(QUERY.length()), time.moment()));
    } catch (MalformedException _) {
      return response.setStatusCode(400).end();
    }
    OwnIdentity identity = state.current().identity();
    JsonWriter json = new JsonWriter().beginObject();
    if (identity == null) {
      json.name("identity").nullValue();
    } else {
      json.member("identity", identity.jws());
    }
    return response
        .putHeader(HttpHeaders.CONTENT_TYPE, "application/json")
        .end(json.endObject().toString());
  }
}

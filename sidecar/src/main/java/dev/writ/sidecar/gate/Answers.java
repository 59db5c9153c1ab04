package dev.writ.sidecar.gate;

import dev.writ.contract.ErrorCode;
import dev.writ.contract.MalformedException;
import dev.writ.contract.Names;
import dev.writ.contract.Problem;
import dev.writ.contract.grant.Denial;
import dev.writ.contract.grant.Dialect;
import dev.writ.contract.verify.Challenges;
import dev.writ.sidecar.Time;
import io.vertx.core.Future;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerResponse;
import org.jspecify.annotations.Nullable;

/** Writes refusals. (protocol.md, section 5) */
final class Answers {
  private static final CharSequence NO_STORE = HttpHeaders.createOptimized("no-store");
  private static final CharSequence RETRY_AFTER = HttpHeaders.createOptimized("retry-after");

  private final Challenges challenges;
  private final Time time;

  Answers(Challenges challenges, Time time) {
    this.challenges = challenges;
    this.time = time;
  }

  /**
   * Answers with a problem.
   *
   * @param dialect how the client understands it
   * @param challengeFor thumbprint to add a fresh challenge for, null for none
   * @param close whether the connection ends with this answer
   */
  Future<Void> problem(
      HttpServerResponse response,
      Problem problem,
      Dialect dialect,
      @Nullable String challengeFor,
      boolean close) {
    ErrorCode code = problem.code();
    Denial denial = Denial.of(problem, dialect);
    response
        .setStatusCode(denial.status())
        .putHeader(HttpHeaders.CONTENT_TYPE, denial.mediaType())
        .putHeader(HttpHeaders.CACHE_CONTROL, NO_STORE);
    denial.fields().forEach(field -> response.putHeader(field.name(), field.value()));
    if (code.status() == 401) {
      response.putHeader("www-authenticate", Names.AUTH_SCHEME + " error=\"" + code.code() + "\"");
    }
    String receipt = problem.receipt();
    if (receipt != null) {
      response.putHeader(Names.HEADER_RECEIPT, receipt);
    }
    if (challengeFor != null) {
      challenge(response, challengeFor);
    }
    if (code.status() == 429 || code.status() == 503) {
      response.putHeader(RETRY_AFTER, Long.toString(retryAfter(problem.resetAt())));
    }
    if (close) {
      response.putHeader(HttpHeaders.CONNECTION, HttpHeaders.CLOSE);
    }
    return denial.body().isEmpty() ? response.end() : response.end(denial.body());
  }

  private long retryAfter(@Nullable Long resetAt) {
    return resetAt == null ? 1 : Math.max(1, resetAt - time.moment().epochSeconds());
  }

  /** Adds the next challenge for the key. */
  void challenge(HttpServerResponse response, String jkt) {
    try {
      response.putHeader(Names.HEADER_NONCE, challenges.mint(jkt, time.moment()));
    } catch (MalformedException e) {
      throw new IllegalStateException("a thumbprint that the verifier gave is one", e);
    }
  }
}

package dev.writ.sidecar.outbound;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;

/** What the helper counts. Names only from this list: hosts and services never become labels. */
final class HelperMeters {
  private final Counter guarded;
  private final Counter untouched;
  private final Counter tunnels;
  private final Counter failures;
  private final Counter useNonce;
  private final Counter resent;
  private final Counter handedOver;
  private final Counter leftOut;

  HelperMeters(MeterRegistry registry) {
    guarded = calls(registry, "contract");
    untouched = calls(registry, "untouched");
    tunnels = calls(registry, "tunnel");
    failures =
        Counter.builder("writ_outbound_failures")
            .description("Calls that the helper itself answered")
            .register(registry);
    useNonce = retries(registry, "use-nonce");
    resent = retries(registry, "connection-lost");
    handedOver = delegations(registry, "handed-over");
    leftOut = delegations(registry, "left-out");
  }

  private static Counter calls(MeterRegistry registry, String kind) {
    return Counter.builder("writ_outbound_calls")
        .description("Calls of the app by what the helper did")
        .tag("kind", kind)
        .register(registry);
  }

  private static Counter retries(MeterRegistry registry, String cause) {
    return Counter.builder("writ_outbound_retries")
        .description("Calls sent again")
        .tag("cause", cause)
        .register(registry);
  }

  private static Counter delegations(MeterRegistry registry, String outcome) {
    return Counter.builder("writ_outbound_delegations")
        .description("Contracts that a callee may have, by whether its call had room for them")
        .tag("outcome", outcome)
        .register(registry);
  }

  void delegationHandedOver() {
    handedOver.increment();
  }

  void delegationLeftOut() {
    leftOut.increment();
  }

  void guarded() {
    guarded.increment();
  }

  void untouched() {
    untouched.increment();
  }

  void tunnel() {
    tunnels.increment();
  }

  void failed() {
    failures.increment();
  }

  void useNonce() {
    useNonce.increment();
  }

  void resent() {
    resent.increment();
  }
}

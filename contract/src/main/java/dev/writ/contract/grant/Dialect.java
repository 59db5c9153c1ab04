package dev.writ.contract.grant;

import dev.writ.contract.json.JsonValue;

/** In which shape a client understands a denial (actions.md, Denials). */
public sealed interface Dialect {
  /** A problem document under its real status. */
  Dialect HTTP = new Http();

  /** A problem document under its real status. */
  record Http() implements Dialect {}

  /**
   * An error of JSON-RPC under status 200.
   *
   * @param id of the request, a string or a number, given back as it was
   */
  record JsonRpc(JsonValue id) implements Dialect {}

  /** {@code google.rpc.Status} as JSON under the real status: A2A over HTTP and JSON. */
  record RpcStatus() implements Dialect {}

  /** A reply of gRPC that consists of trailers. */
  record Grpc() implements Dialect {}
}

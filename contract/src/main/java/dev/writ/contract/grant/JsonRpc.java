package dev.writ.contract.grant;

import static dev.writ.contract.grant.GrantException.malformed;

import dev.writ.contract.json.JsonValue;
import dev.writ.contract.json.JsonValue.JsonNumber;
import dev.writ.contract.json.JsonValue.JsonObject;
import dev.writ.contract.json.JsonValue.JsonString;
import org.jspecify.annotations.Nullable;

/**
 * The envelope of one JSON-RPC 2.0 message, strictly read; batches are none. (actions.md, Strict
 * bodies)
 *
 * @param method null for a response
 * @param id null for a notification
 * @param params null when there are none
 */
record JsonRpc(@Nullable String method, @Nullable JsonValue id, @Nullable JsonObject params) {
  private static final Spelling MEMBERS =
      Spelling.exact("jsonrpc", "id", "method", "params", "result", "error");

  static JsonRpc read(JsonValue body) throws GrantException {
    if (!(body instanceof JsonObject envelope)) {
      throw malformed("JSON-RPC: not one object");
    }
    MEMBERS.check(envelope);
    if (!(envelope.get("jsonrpc") instanceof JsonString version)
        || !version.value().equals("2.0")) {
      throw malformed("JSON-RPC envelope");
    }
    JsonValue id = envelope.get("id");
    boolean answer = envelope.get("result") != null || envelope.get("error") != null;
    if (id != null && !(id instanceof JsonString) && !(id instanceof JsonNumber)) {
      throw malformed("JSON-RPC id");
    }
    JsonValue method = envelope.get("method");
    if (method == null) {
      return response(envelope, id);
    }
    if (!(method instanceof JsonString name) || answer) {
      throw malformed("JSON-RPC envelope");
    }
    JsonValue params = envelope.get("params");
    if (params != null && !(params instanceof JsonObject)) {
      throw malformed("JSON-RPC params");
    }
    return new JsonRpc(name.value(), id, (JsonObject) params);
  }

  /** The same, where the envelope has no other member: another reader would find nothing in it. */
  static JsonRpc alone(JsonValue body) throws GrantException {
    JsonRpc message = read(body);
    if (body instanceof JsonObject envelope) {
      MEMBERS.checkAll(envelope);
    }
    return message;
  }

  /**
   * A client answers a request of the server: exactly one of result and error, and the id asked
   * with.
   */
  private static JsonRpc response(JsonObject envelope, @Nullable JsonValue id)
      throws GrantException {
    boolean one = (envelope.get("result") == null) != (envelope.get("error") == null);
    if (!one || id == null || envelope.get("params") != null) {
      throw malformed("JSON-RPC envelope");
    }
    return new JsonRpc(null, id, null);
  }
}

package dev.writ.operator.control;

import dev.writ.contract.MalformedException;
import dev.writ.contract.json.JsonValue.JsonObject;
import dev.writ.contract.json.StrictJson;
import java.util.List;
import java.util.Set;

/** A request that was read whole. */
final class Request {
  private final List<String> authorization;
  private final byte[] body;

  /**
   * Not copied: nobody keeps a request.
   *
   * @param authorization the values of that header
   */
  Request(List<String> authorization, byte[] body) {
    this.authorization = List.copyOf(authorization);
    this.body = body;
  }

  List<String> authorization() {
    return authorization;
  }

  byte[] body() {
    return body;
  }

  /** The body as an object with these members and no others. */
  JsonObject object(Set<String> members) throws ControlException {
    try {
      if (StrictJson.body(body) instanceof JsonObject object
          && object.members().keySet().equals(members)) {
        return object;
      }
    } catch (MalformedException e) {
      throw new ControlException(ControlError.MALFORMED, String.valueOf(e.getMessage()));
    }
    throw new ControlException(
        ControlError.MALFORMED,
        "the body is not an object of exactly " + String.join(", ", members));
  }

  @Override
  public String toString() {
    return "Request[" + body.length + " bytes]";
  }
}

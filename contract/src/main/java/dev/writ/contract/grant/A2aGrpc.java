package dev.writ.contract.grant;

import dev.writ.contract.ErrorCode;
import dev.writ.contract.grant.Protobuf.Field;
import dev.writ.contract.grant.Protobuf.Kind;
import dev.writ.contract.json.JsonValue.JsonObject;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Map;
import java.util.Optional;

/**
 * The gRPC binding of A2A: the protobuf messages of {@code lf.a2a.v1} (1.0) and {@code a2a.v1}
 * (0.3) as the JSON that the other bindings send.
 */
final class A2aGrpc {
  private static final String NEW = "/lf.a2a.v1.A2AService/";
  private static final String OLD = "/a2a.v1.A2AService/";
  private static final int PREFIX = 5;

  private static final Map<Integer, Field> PART =
      Map.of(
          1,
          text("text"),
          2,
          new Field("raw", new Kind.Bytes(), false),
          3,
          text("url"),
          4,
          new Field("data", new Kind.Value(), false));
  private static final Map<Integer, Field> MESSAGE =
      Map.of(
          1, text("messageId"),
          2, text("contextId"),
          3, text("taskId"),
          5, list("parts", PART),
          6, new Field("metadata", new Kind.Struct(), false),
          8, new Field("referenceTaskIds", new Kind.Text(), true));
  private static final Map<Integer, Field> PUSH =
      Map.of(2, text("id"), 3, text("taskId"), 4, text("url"), 5, text("token"));
  private static final Map<Integer, Field> SEND =
      Map.of(
          2, one("message", MESSAGE),
          3, one("configuration", Map.of(2, one("taskPushNotificationConfig", PUSH))),
          4, new Field("metadata", new Kind.Struct(), false));
  private static final Map<Integer, Field> BY_ID = Map.of(2, text("id"));
  private static final Map<Integer, Field> BY_TASK = Map.of(2, text("taskId"), 3, text("id"));

  private static final Map<Integer, Field> OLD_PART =
      Map.of(
          1, text("text"),
          2, new Field("file", new Kind.Bytes(), false),
          3, one("data", Map.of(1, new Field("data", new Kind.Struct(), false))));
  private static final Map<Integer, Field> OLD_MESSAGE =
      Map.of(
          1, text("messageId"),
          2, text("contextId"),
          3, text("taskId"),
          5, list("content", OLD_PART),
          6, new Field("metadata", new Kind.Struct(), false));
  private static final Map<Integer, Field> OLD_PUSH =
      Map.of(1, text("id"), 2, text("url"), 3, text("token"));
  private static final Map<Integer, Field> OLD_SEND =
      Map.of(
          1, one("message", OLD_MESSAGE),
          2, one("configuration", Map.of(2, one("pushNotification", OLD_PUSH))),
          3, new Field("metadata", new Kind.Struct(), false));
  private static final Map<Integer, Field> OLD_CREATE =
      Map.of(
          1, text("parent"), 3, one("config", Map.of(2, one("pushNotificationConfig", OLD_PUSH))));

  private A2aGrpc() {}

  /** Reads a call whose whole body is one message. */
  static A2aCall read(String path, byte[] body) throws GrantException {
    boolean old = path.startsWith(OLD);
    String prefix = old ? OLD : NEW;
    Optional<A2aOperation> operation =
        path.startsWith(prefix)
            ? A2aOperation.of(path.substring(prefix.length()))
            : Optional.empty();
    if (path.equals(OLD + "GetAgentCard")) {
      operation = Optional.of(A2aOperation.GET_EXTENDED_CARD);
    }
    if (operation.isEmpty()) {
      throw new GrantException(ErrorCode.ACTION_NOT_GRANTED, "unknown operation");
    }
    Map<Integer, Field> schema = old ? old(operation.get()) : current(operation.get());
    JsonObject params = Protobuf.read(message(body), schema);
    return A2aCall.read(operation.get(), false, params, null);
  }

  private static Map<Integer, Field> current(A2aOperation operation) {
    return switch (operation) {
      case SEND_MESSAGE, SEND_STREAMING_MESSAGE -> SEND;
      case GET_TASK, CANCEL_TASK, SUBSCRIBE_TO_TASK -> BY_ID;
      case CREATE_PUSH -> PUSH;
      case GET_PUSH, DELETE_PUSH -> BY_TASK;
      case LIST_PUSH -> Map.of(1, text("taskId"));
      case LIST_TASKS, GET_EXTENDED_CARD -> Map.of();
    };
  }

  private static Map<Integer, Field> old(A2aOperation operation) {
    return switch (operation) {
      case SEND_MESSAGE, SEND_STREAMING_MESSAGE -> OLD_SEND;
      case GET_TASK, CANCEL_TASK, SUBSCRIBE_TO_TASK, GET_PUSH, DELETE_PUSH ->
          Map.of(1, text("name"));
      case CREATE_PUSH -> OLD_CREATE;
      case LIST_PUSH -> Map.of(1, text("parent"));
      case LIST_TASKS, GET_EXTENDED_CARD -> Map.of();
    };
  }

  /** One message without compression, and nothing after it. */
  private static byte[] message(byte[] body) throws GrantException {
    if (body.length < PREFIX) {
      throw GrantException.malformed("gRPC: no message");
    }
    if (body[0] != 0) {
      throw new GrantException(ErrorCode.UNSUPPORTED_MEDIA_TYPE, "gRPC: compressed");
    }
    long length = ByteBuffer.wrap(body, 1, Integer.BYTES).getInt() & 0xffff_ffffL;
    if (length != body.length - PREFIX) {
      throw GrantException.malformed("gRPC: not one message");
    }
    return Arrays.copyOfRange(body, PREFIX, body.length);
  }

  private static Field text(String name) {
    return new Field(name, new Kind.Text(), false);
  }

  private static Field one(String name, Map<Integer, Field> fields) {
    return new Field(name, new Kind.Message(fields), false);
  }

  private static Field list(String name, Map<Integer, Field> fields) {
    return new Field(name, new Kind.Message(fields), true);
  }
}

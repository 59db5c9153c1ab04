package dev.writ.contract.grant;

import dev.writ.contract.ErrorCode;
import dev.writ.contract.Problem;
import dev.writ.contract.json.JsonValue;
import dev.writ.contract.json.JsonWriter;
import dev.writ.contract.verify.Field;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;

/**
 * A refusal in the shape that the client's protocol hands to its user (actions.md, Denials).
 *
 * @param status of HTTP
 * @param mediaType of the body
 * @param body empty for gRPC, whose denial stands in its fields
 * @param fields beside those that every refusal has
 */
public record Denial(int status, String mediaType, String body, List<Field> fields) {
  private static final int DENIED = -32010;
  private static final int LIMIT = -32011;
  private static final int UNAVAILABLE = -32012;

  /** Copies. */
  public Denial {
    fields = List.copyOf(fields);
  }

  /** The refusal of a call whose client speaks so. */
  public static Denial of(Problem problem, Dialect dialect) {
    return switch (dialect) {
      case Dialect.Http http -> plain(problem);
      case Dialect.JsonRpc rpc -> hasOwnShape(problem.code()) ? rpc(problem, rpc) : plain(problem);
      case Dialect.RpcStatus status ->
          hasOwnShape(problem.code()) ? status(problem) : plain(problem);
      case Dialect.Grpc grpc -> hasOwnShape(problem.code()) ? grpc(problem) : plain(problem);
    };
  }

  /** The 403, 429 and 503 of steps 10 to 13; all else is told in HTTP. */
  private static boolean hasOwnShape(ErrorCode code) {
    return switch (code) {
      case ACTION_NOT_GRANTED,
          ARGUMENT_NOT_ALLOWED,
          RATE_LIMITED,
          TOO_MANY_CONCURRENT,
          QUOTA_EXHAUSTED,
          QUOTA_UNAVAILABLE,
          AUDIT_UNAVAILABLE ->
          true;
      default -> false;
    };
  }

  private static Denial plain(Problem problem) {
    return new Denial(problem.code().status(), Problem.MEDIA_TYPE, problem.json(), List.of());
  }

  private static Denial rpc(Problem problem, Dialect.JsonRpc rpc) {
    JsonWriter json = new JsonWriter().beginObject().member("jsonrpc", "2.0");
    json.member("id", rpc.id()).name("error").beginObject();
    json.member("code", number(problem.code())).member("message", message(problem));
    json.member("data", parsed(problem)).endObject();
    return new Denial(200, "application/json", json.endObject().toString(), List.of());
  }

  private static int number(ErrorCode code) {
    return switch (code) {
      case RATE_LIMITED, TOO_MANY_CONCURRENT, QUOTA_EXHAUSTED -> LIMIT;
      case QUOTA_UNAVAILABLE, AUDIT_UNAVAILABLE -> UNAVAILABLE;
      default -> DENIED;
    };
  }

  /** {@code google.rpc.Status} as errors of Google's HTTP APIs wrap it (AIP-193). */
  private static Denial status(Problem problem) {
    ErrorCode code = problem.code();
    JsonWriter json = new JsonWriter().beginObject().name("error").beginObject();
    json.member("code", code.status()).member("status", grpcName(code));
    json.member("message", message(problem)).name("details").beginArray().beginObject();
    json.member("@type", "type.googleapis.com/google.rpc.ErrorInfo");
    json.member("reason", code.code().toUpperCase(Locale.ROOT).replace('-', '_'));
    json.member("domain", "writ.dev").name("metadata").beginObject();
    if (parsed(problem) instanceof JsonValue.JsonObject members) {
      // The values of ErrorInfo.metadata are strings.
      members.members().forEach((name, value) -> json.member(name, text(value)));
    }
    json.endObject().endObject().endArray().endObject();
    return new Denial(code.status(), "application/json", json.endObject().toString(), List.of());
  }

  private static Denial grpc(Problem problem) {
    ErrorCode code = problem.code();
    return new Denial(
        200, "application/grpc", "", GrpcStatus.fields(code, code.title() + " " + code.detail()));
  }

  private static String grpcName(ErrorCode code) {
    return switch (GrpcStatus.of(code)) {
      case 8 -> "RESOURCE_EXHAUSTED";
      case 14 -> "UNAVAILABLE";
      default -> "PERMISSION_DENIED";
    };
  }

  /** The code first: some clients show nothing else of an error. */
  private static String message(Problem problem) {
    return problem.code().code() + ": " + problem.code().title() + " " + problem.code().detail();
  }

  private static JsonValue parsed(Problem problem) {
    try {
      return dev.writ.contract.json.StrictJson.body(
          problem.json().getBytes(StandardCharsets.UTF_8));
    } catch (dev.writ.contract.MalformedException e) {
      throw new IllegalStateException("what we wrote is JSON", e);
    }
  }

  private static String text(JsonValue value) {
    return value instanceof JsonValue.JsonString string
        ? string.value()
        : new JsonWriter().value(value).toString();
  }
}

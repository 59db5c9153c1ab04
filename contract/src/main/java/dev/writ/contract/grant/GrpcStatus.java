package dev.writ.contract.grant;

import dev.writ.contract.ErrorCode;
import dev.writ.contract.verify.Field;
import java.nio.charset.StandardCharsets;
import java.util.List;

/**
 * How a refusal is told to a client of gRPC: as trailers. A gate does so for the action and its
 * limits and tells the rest in HTTP; the helper does it for all, since libraries of gRPC show of an
 * answer in HTTP its status and not its text. (actions.md, Denials)
 */
public final class GrpcStatus {
  private static final int INVALID_ARGUMENT = 3;
  private static final int PERMISSION_DENIED = 7;
  private static final int RESOURCE_EXHAUSTED = 8;
  private static final int UNAVAILABLE = 14;
  private static final int UNAUTHENTICATED = 16;

  private GrpcStatus() {}

  /** The status code of gRPC. */
  public static int of(ErrorCode code) {
    return switch (code) {
      case RATE_LIMITED, TOO_MANY_CONCURRENT, QUOTA_EXHAUSTED, BODY_TOO_LARGE -> RESOURCE_EXHAUSTED;
      default ->
          switch (code.status()) {
            case 401 -> UNAUTHENTICATED;
            case 403 -> PERMISSION_DENIED;
            case 502, 503 -> UNAVAILABLE;
            default -> INVALID_ARGUMENT;
          };
    };
  }

  /**
   * {@code grpc-status} and {@code grpc-message}: the code first, since some clients show nothing
   * else of an error.
   *
   * @param sentence what happened and what can be done
   */
  public static List<Field> fields(ErrorCode code, String sentence) {
    return List.of(
        new Field("grpc-status", Integer.toString(of(code))),
        new Field("grpc-message", encoded(code.code() + ": " + sentence)));
  }

  /** Percent-encoded as the protocol of gRPC wants it: all but printable ASCII, and the percent. */
  private static String encoded(String text) {
    StringBuilder encoded = new StringBuilder();
    for (byte one : text.getBytes(StandardCharsets.UTF_8)) {
      if (one >= ' ' && one < 0x7f && one != '%') {
        encoded.append((char) one);
      } else {
        encoded.append('%').append(String.format("%02X", one));
      }
    }
    return encoded.toString();
  }
}

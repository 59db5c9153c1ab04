package dev.writ.sidecar.capture;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * The two messages of {@code grpc.health.v1.Health/Check} as bytes: one field each, so that no
 * protobuf library is needed.
 */
final class GrpcHealth {
  static final String PATH = "/grpc.health.v1.Health/Check";
  private static final int PREFIX = 5;
  private static final byte SERVICE = 0x0a;
  private static final byte[] SERVING = {0x08, 0x01};

  private GrpcHealth() {}

  /** {@code HealthCheckRequest}; the name has at most 127 bytes, so its length is one byte. */
  static byte[] request(String service) {
    byte[] name = service.getBytes(StandardCharsets.UTF_8);
    ByteArrayOutputStream message = new ByteArrayOutputStream();
    if (name.length > 0) {
      message.write(SERVICE);
      message.write(name.length);
      message.writeBytes(name);
    }
    return ByteBuffer.allocate(PREFIX + message.size())
        .put((byte) 0)
        .putInt(message.size())
        .put(message.toByteArray())
        .array();
  }

  /**
   * Whether a {@code HealthCheckResponse} says SERVING.
   *
   * @param status of the trailer
   */
  static boolean serving(byte[] body, @Nullable String status) {
    return "0".equals(status)
        && body.length == PREFIX + SERVING.length
        && body[0] == 0
        && ByteBuffer.wrap(body, 1, 4).getInt() == SERVING.length
        && Arrays.equals(body, PREFIX, body.length, SERVING, 0, SERVING.length);
  }
}

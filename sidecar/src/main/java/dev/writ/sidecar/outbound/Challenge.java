package dev.writ.sidecar.outbound;

import dev.writ.contract.Base64Url;
import dev.writ.contract.MalformedException;
import java.nio.ByteBuffer;
import java.util.HexFormat;

/**
 * A challenge as a caller reads it: opaque but for the boot that made it. (protocol.md, section 3)
 *
 * @param text as received, to be sent back as it is
 * @param boot which start of which replica made it, 16 hex digits
 * @param issued rises with each challenge of one boot
 */
record Challenge(String text, String boot, long issued) {
  private static final int LENGTH = 1 + 8 + 8 + 8 + 16;
  private static final int TEXT_LENGTH = (LENGTH * 8 + 5) / 6;
  private static final byte VERSION = 1;

  /**
   * Reads a {@code Capability-Nonce}.
   *
   * @throws MalformedException when it is not a challenge of version 1
   */
  static Challenge parse(String text) throws MalformedException {
    // The length first: the value comes from another machine and would else be decoded whole.
    if (text.length() != TEXT_LENGTH) {
      throw new MalformedException(
          "challenge: " + text.length() + " characters, not " + TEXT_LENGTH);
    }
    byte[] bytes = Base64Url.decode(text);
    if (bytes[0] != VERSION) {
      throw new MalformedException("challenge: not of version 1");
    }
    return new Challenge(
        text, HexFormat.of().formatHex(bytes, 1, 9), ByteBuffer.wrap(bytes).getLong(9));
  }
}

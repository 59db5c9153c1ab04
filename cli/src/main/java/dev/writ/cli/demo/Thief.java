package dev.writ.cli.demo;

import dev.writ.contract.MalformedException;
import dev.writ.contract.Names;
import dev.writ.contract.client.RequestSigner;
import dev.writ.contract.document.RootContract;
import dev.writ.contract.key.PrivateKey;
import dev.writ.contract.verify.Field;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;

/**
 * What somebody can try who read one call on its way: the same bytes again, other content under the
 * same proof, and the contract in it with a key of his own.
 */
final class Thief {
  private static final String TARGET = "/v1/transfers";
  private static final String PAYMENT = "{\"amount\":500,\"currency\":\"EUR\",\"to\":\"mallory\"}";

  private final String host;
  private final int port;
  private final byte[] captured;
  private final PrivateKey ownKey = PrivateKey.generate();
  private final InstantSource clock;

  Thief(String host, int port, byte[] captured, InstantSource clock) {
    this.host = host;
    this.port = port;
    this.captured = captured.clone();
    this.clock = clock;
  }

  /** The captured bytes on a new connection. */
  Wire.Reply replay() throws IOException {
    return Wire.send(host, port, captured);
  }

  /** The captured head with another amount of as many digits. */
  Wire.Reply otherBody() throws IOException {
    String request = new String(captured, StandardCharsets.ISO_8859_1);
    String changed = request.replace("\"amount\":250", "\"amount\":499");
    if (changed.equals(request)) {
      throw new IOException("the captured call holds no amount to change");
    }
    return Wire.send(host, port, changed.getBytes(StandardCharsets.ISO_8859_1));
  }

  /** A call without any contract. */
  Wire.Reply noContract() throws IOException {
    return post(List.of());
  }

  /**
   * The stolen contract, with a fresh challenge of its holder, signed by a key of the thief's own.
   */
  Wire.Reply stolenContract() throws IOException {
    return signed(contract());
  }

  /** The stolen contract with a higher maximum written into it. */
  Wire.Reply editedContract() throws IOException {
    String[] parts = contract().split("\\.", 0);
    String payload = new String(Base64.getUrlDecoder().decode(parts[1]), StandardCharsets.UTF_8);
    String edited = payload.replace("\"maximum\":500", "\"maximum\":50000");
    if (edited.equals(payload)) {
      throw new IOException("the captured contract holds no maximum to change");
    }
    String encoded =
        Base64.getUrlEncoder()
            .withoutPadding()
            .encodeToString(edited.getBytes(StandardCharsets.UTF_8));
    return signed(parts[0] + "." + encoded + "." + parts[2]);
  }

  private String contract() throws IOException {
    for (String line : new String(captured, StandardCharsets.ISO_8859_1).split("\r\n", 0)) {
      String prefix = Names.HEADER_CONTRACT + ":";
      if (line.regionMatches(true, 0, prefix, 0, prefix.length())) {
        return line.substring(prefix.length()).strip();
      }
    }
    throw new IOException("the captured call carries no " + Names.HEADER_CONTRACT);
  }

  private Wire.Reply signed(String contract) throws IOException {
    byte[] body = PAYMENT.getBytes(StandardCharsets.UTF_8);
    List<Field> covered = new ArrayList<>();
    covered.add(new Field(Names.HEADER_CONTRACT, contract));
    covered.add(new Field("Content-Type", "application/json"));
    String nonce = challenge(contract) + ".1";
    List<Field> fields = new ArrayList<>(covered.subList(0, 1));
    fields.addAll(
        RequestSigner.sign(
            ownKey, "POST", TARGET, covered, body, nonce, clock.instant().getEpochSecond()));
    return post(fields);
  }

  private String challenge(String contract) throws IOException {
    String holder;
    try {
      holder = RootContract.unverified(contract).holder().thumbprint();
    } catch (MalformedException e) {
      throw new IOException("the captured contract cannot be read: " + e.getMessage(), e);
    }
    String target = Names.CHALLENGE_PATH + "?" + Names.CHALLENGE_JKT + "=" + holder;
    return Wire.get(host, port, target)
        .header(Names.HEADER_NONCE)
        .orElseThrow(() -> new IOException("the gate gave no challenge"));
  }

  private Wire.Reply post(List<Field> fields) throws IOException {
    StringBuilder request = new StringBuilder("POST " + TARGET + " HTTP/1.1\r\n");
    request.append("Host: ").append(host).append(':').append(port).append("\r\n");
    request.append("Content-Type: application/json\r\n");
    request.append("Content-Length: ").append(PAYMENT.length()).append("\r\n");
    fields.forEach(
        field -> request.append(field.name()).append(": ").append(field.value()).append("\r\n"));
    request.append("\r\n").append(PAYMENT);
    return Wire.send(host, port, request.toString().getBytes(StandardCharsets.ISO_8859_1));
  }
}

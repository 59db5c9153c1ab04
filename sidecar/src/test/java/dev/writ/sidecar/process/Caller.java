package dev.writ.sidecar.process;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import dev.writ.contract.Names;
import dev.writ.contract.client.RequestSigner;
import dev.writ.contract.key.PrivateKey;
import dev.writ.contract.verify.Field;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/** A caller with one key, one contract and one connection. */
public final class Caller implements AutoCloseable {
  final PrivateKey key;
  final Wire wire;
  String contract;
  String challenge;
  long seq;

  public Caller(int port, PrivateKey key, String contract) throws IOException {
    this.key = key;
    this.contract = contract;
    this.wire = new Wire(port);
    this.challenge = challenge();
  }

  private String challenge() throws IOException {
    wire.send(
        "GET "
            + Names.CHALLENGE_PATH
            + "?jkt="
            + key.publicKey().thumbprint()
            + " HTTP/1.1\r\nHost: ledger.bank\r\n\r\n");
    Wire.Reply reply = wire.reply(false);
    if (reply.status() != 200) {
      throw new IOException("no challenge: " + reply.status());
    }
    return reply.field(Names.HEADER_NONCE).orElseThrow();
  }

  /** A signed request as it goes on the wire, with the next sequence number. */
  byte[] request(String method, String target, String type, byte[] body, String... extra) {
    return compose(method, target, signed(method, target, type, body), body, extra);
  }

  /** The same with other fields under the proof, and lines outside of it. */
  byte[] request(
      String method,
      String target,
      String type,
      byte[] body,
      List<Field> covered,
      List<String> extra) {
    return compose(
        method,
        target,
        signed(method, target, type, body, covered),
        body,
        extra.toArray(String[]::new));
  }

  /** The fields of a signed request. */
  List<Field> signed(String method, String target, String type, byte[] body) {
    return signed(method, target, type, body, List.of());
  }

  private List<Field> signed(
      String method, String target, String type, byte[] body, List<Field> more) {
    List<Field> covered = new ArrayList<>();
    covered.add(new Field(Names.HEADER_CONTRACT, contract));
    if (!type.isEmpty()) {
      covered.add(new Field("Content-Type", type));
    }
    covered.addAll(more);
    List<Field> fields = new ArrayList<>(covered);
    fields.addAll(
        RequestSigner.sign(
            key, method, target, covered, body, challenge + "." + ++seq, Issuer.now()));
    return fields;
  }

  static byte[] compose(
      String method, String target, List<Field> fields, byte[] body, String... extra) {
    StringBuilder head =
        new StringBuilder(method + " " + target + " HTTP/1.1\r\nHost: ledger.bank\r\n");
    fields.forEach(
        field -> head.append(field.name()).append(": ").append(field.value()).append("\r\n"));
    for (String line : extra) {
      head.append(line).append("\r\n");
    }
    if (body.length > 0
        && List.of(extra).stream().noneMatch(line -> line.startsWith("Transfer-Encoding"))) {
      head.append("Content-Length: ").append(body.length).append("\r\n");
    }
    head.append("\r\n");
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    all.writeBytes(head.toString().getBytes(ISO_8859_1));
    if (List.of(extra).stream()
        .noneMatch(line -> line.startsWith("Transfer-Encoding") || line.startsWith("Expect"))) {
      all.writeBytes(body);
    }
    return all.toByteArray();
  }

  public Wire.Reply transfer(String amount) throws IOException {
    return post("/v1/transfers", "{\"amount\":" + amount + "}");
  }

  Wire.Reply post(String target, String json) throws IOException {
    wire.send(request("POST", target, "application/json", json.getBytes(ISO_8859_1)));
    return wire.reply(false);
  }

  Wire.Reply get(String target) throws IOException {
    wire.send(request("GET", target, "", new byte[0]));
    return wire.reply(false);
  }

  @Override
  public void close() throws IOException {
    wire.close();
  }
}

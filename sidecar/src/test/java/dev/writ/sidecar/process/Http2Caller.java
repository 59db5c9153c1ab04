package dev.writ.sidecar.process;

import dev.writ.contract.Names;
import dev.writ.contract.client.RequestSigner;
import dev.writ.contract.key.PrivateKey;
import dev.writ.contract.verify.Field;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** A caller of gRPC with one key, one contract and one connection of HTTP/2. */
final class Http2Caller implements AutoCloseable {
  final Http2Wire wire;
  private final PrivateKey key;
  private final String contract;
  private final String challenge;
  private long seq;

  Http2Caller(int port, PrivateKey key, String contract) throws IOException {
    this.key = key;
    this.contract = contract;
    this.wire = new Http2Wire(port);
    String path =
        Names.CHALLENGE_PATH + "?" + Names.CHALLENGE_JKT + "=" + key.publicKey().thumbprint();
    Http2Wire.Reply reply =
        wire.reply(wire.request(Http2Wire.head("GET", path, List.of()), new byte[0]));
    if (reply.status() != 200) {
      throw new IOException("no challenge: " + reply);
    }
    challenge = reply.field("capability-nonce").orElseThrow();
  }

  /** The head of a signed call of gRPC. */
  List<Field> head(String path, byte[] body) {
    return signed(path, "application/grpc", body);
  }

  /** The head of the opening of a stream. */
  List<Field> opening(String path) {
    return signed(path, "application/grpc", null);
  }

  private List<Field> signed(String path, String type, byte[] body) {
    List<Field> covered = new ArrayList<>();
    covered.add(new Field(Names.HEADER_CONTRACT, contract));
    covered.add(new Field("Content-Type", type));
    List<Field> fields = new ArrayList<>(covered);
    String nonce = challenge + "." + ++seq;
    fields.addAll(
        body == null
            ? RequestSigner.signOpening(key, "POST", path, covered, nonce, Issuer.now())
            : RequestSigner.sign(key, "POST", path, covered, body, nonce, Issuer.now()));
    List<Field> lower = new ArrayList<>();
    fields.forEach(f -> lower.add(new Field(f.name().toLowerCase(Locale.ROOT), f.value())));
    lower.add(new Field("te", "trailers"));
    return Http2Wire.head("POST", path, lower);
  }

  /** A call of one message. */
  Http2Wire.Reply call(String path, byte[] body) throws IOException {
    return wire.reply(wire.request(head(path, body), body));
  }

  @Override
  public void close() throws IOException {
    wire.close();
  }
}

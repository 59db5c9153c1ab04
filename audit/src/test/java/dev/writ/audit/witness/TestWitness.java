package dev.writ.audit.witness;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.writ.audit.log.LogFixture;
import dev.writ.audit.merkle.Hash;
import dev.writ.audit.merkle.Merkle;
import dev.writ.audit.note.Checkpoint;
import dev.writ.audit.note.Cosignature;
import dev.writ.audit.note.SignedNote;
import dev.writ.audit.note.VerifierKey;
import dev.writ.contract.MalformedException;
import dev.writ.contract.key.PrivateKey;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** A small witness for one log, as C2SP tlog-witness says, behind a real server. */
final class TestWitness implements AutoCloseable {
  private static final long NOW = 1_795_369_261;

  private final PrivateKey secret = PrivateKey.generate();
  private final String name;
  private final VerifierKey logKey;
  private final HttpServer server;
  private long size;
  private Hash root = Hash.EMPTY_ROOT;
  private boolean signsBadly;
  private boolean broken;

  TestWitness(String name, VerifierKey logKey) throws IOException {
    this.name = name;
    this.logKey = logKey;
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext("/w/add-checkpoint", this::handle);
    server.start();
  }

  VerifierKey key() {
    return new VerifierKey(name, VerifierKey.Type.COSIGNATURE, secret.publicKey());
  }

  URI prefix() {
    return URI.create("http://127.0.0.1:" + server.getAddress().getPort() + "/w");
  }

  synchronized long size() {
    return size;
  }

  /** From now on its signatures are wrong. */
  synchronized void signBadly() {
    signsBadly = true;
  }

  /** From now on it answers 500. */
  synchronized void breakDown(boolean now) {
    broken = now;
  }

  private void handle(HttpExchange exchange) throws IOException {
    try (exchange) {
      String body = new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
      Answer answer = exchange.getRequestMethod().equals("POST") ? add(body) : new Answer(405, "");
      if (answer.status == 409) {
        exchange.getResponseHeaders().set("Content-Type", "text/x.tlog.size");
      }
      byte[] bytes = answer.body.getBytes(StandardCharsets.UTF_8);
      exchange.sendResponseHeaders(answer.status, bytes.length == 0 ? -1 : bytes.length);
      exchange.getResponseBody().write(bytes);
    }
  }

  private record Answer(int status, String body) {}

  private synchronized Answer add(String body) {
    if (broken) {
      return new Answer(500, "");
    }
    try {
      int split = body.indexOf("\n\n");
      List<String> head = new ArrayList<>(List.of(body.substring(0, split).split("\n", -1)));
      long old = Long.parseLong(head.removeFirst().substring("old ".length()));
      List<Hash> proof = new ArrayList<>();
      for (String line : head) {
        proof.add(Hash.fromBase64(line));
      }
      SignedNote note =
          SignedNote.parse(body.substring(split + 2).getBytes(StandardCharsets.UTF_8));
      return add(old, proof, note);
    } catch (MalformedException | RuntimeException e) {
      return new Answer(400, "");
    }
  }

  private Answer add(long old, List<Hash> proof, SignedNote note) throws MalformedException {
    Checkpoint checkpoint = Checkpoint.parse(note.text());
    if (!checkpoint.origin().equals(logKey.name())) {
      return new Answer(404, "");
    }
    try {
      Checkpoint.verified(note, List.of(logKey), LogFixture.ED25519);
    } catch (MalformedException e) {
      return new Answer(403, "");
    }
    if (old > checkpoint.size()) {
      return new Answer(400, "");
    }
    if (old != size) {
      return new Answer(409, size + "\n");
    }
    if (!Merkle.consistent(old, root, checkpoint.size(), checkpoint.root(), proof)) {
      return new Answer(422, "");
    }
    size = checkpoint.size();
    root = checkpoint.root();
    String text = signsBadly ? note.text().replace("\n", "\n\n") : note.text();
    return new Answer(200, Cosignature.sign(name, secret, text, NOW) + "\n");
  }

  @Override
  public void close() {
    server.stop(0);
  }
}

package dev.writ.audit.log;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpServer;
import dev.writ.audit.note.Checkpoint;
import dev.writ.audit.note.TlogProof;
import dev.writ.contract.MalformedException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class LogReaderTest {
  private final LogFixture log = new LogFixture();
  private final MemoryStorage storage = new MemoryStorage();
  private final LogFixture.Gate gate = new LogFixture.Gate(1).calls(300);
  private Checkpoint older;

  @BeforeEach
  void write() throws IOException {
    LogWriter writer = log.open(storage, new MemoryCheckpoints());
    writer.append(List.of(gate.batch(0, 100)));
    older = writer.head();
    writer.append(List.of(gate.batch()));
  }

  private LogReader reader(LogSource source) throws IOException, MalformedException {
    return LogReader.open(source, List.of(log.key()), LogFixture.ED25519);
  }

  @Test
  void everyEntryHasAProofThatVerifiesAlone() throws IOException, MalformedException {
    LogReader reader = reader(storage);
    for (long index = 0; index < gate.lines().size(); index += 37) {
      TlogProof proof = TlogProof.parse(reader.proof(index).toBytes());
      byte[] entry = reader.entries().entry(index);
      assertThat(proof.verify(entry, List.of(log.key()), List.of(), 0, LogFixture.ED25519))
          .isEqualTo(reader.checkpoint());
      assertThat(reader.find(LogFixture.receipt(gate.lines().get((int) index)))).hasValue(index);
    }
    assertThat(reader.find("0000000000000009.1")).isEmpty();
    assertThat(reader.extendsFrom(older)).isNotEmpty();
  }

  @Test
  void recordsComeWithTheirPod() throws IOException, MalformedException {
    List<String> seen = new ArrayList<>();
    RecordScan.each(
        reader(storage).entries(),
        0,
        (index, line, auditRecord, pod) -> {
          assertThat(index).isEqualTo(seen.size());
          assertThat(pod).isEqualTo("uid-1");
          seen.add(line);
        });
    assertThat(seen).isEqualTo(gate.lines());
  }

  @Test
  void noProofComesOutOfATamperedLog() throws IOException, MalformedException {
    LogReader reader = reader(storage);
    byte[] tile = storage.read("tile/0/000");
    tile[40] ^= 1;
    storage.write("tile/0/000", tile);
    assertThatThrownBy(() -> reader.proof(7)).isInstanceOf(IOException.class);
    assertThatThrownBy(() -> reader.extendsFrom(older)).isInstanceOf(IOException.class);
    Checkpoint longer = new Checkpoint(LogFixture.ORIGIN, 9999, older.root());
    assertThatThrownBy(() -> reader.extendsFrom(longer)).isInstanceOf(IOException.class);
  }

  @Test
  void aLogIsReadOverHttpAsOverFiles() throws IOException, MalformedException {
    HttpServer server =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext(
        "/log/",
        exchange -> {
          try (exchange) {
            byte[] bytes =
                storage.read(exchange.getRequestURI().getPath().substring("/log/".length()));
            exchange.sendResponseHeaders(
                bytes == null ? 404 : 200, bytes == null ? -1 : bytes.length);
            exchange.getResponseBody().write(bytes == null ? new byte[0] : bytes);
          }
        });
    server.start();
    try (HttpClient http = HttpClient.newHttpClient()) {
      URI prefix = URI.create("http://127.0.0.1:" + server.getAddress().getPort() + "/log");
      LogReader reader = reader(new HttpSource(prefix, http));
      assertThat(reader.checkpoint().size()).isEqualTo(gate.lines().size());
      assertThat(reader.proof(7).index()).isEqualTo(7);
      assertThat(LogFixture.lines(new HttpSource(prefix, http), gate.lines().size()))
          .isEqualTo(gate.lines());
    } finally {
      server.stop(0);
    }
  }
}

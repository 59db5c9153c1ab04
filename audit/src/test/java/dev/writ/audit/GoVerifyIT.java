package dev.writ.audit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.writ.audit.log.DirectoryStorage;
import dev.writ.audit.log.LogFixture;
import dev.writ.audit.log.LogPaths;
import dev.writ.audit.log.LogWriter;
import dev.writ.audit.log.MemoryCheckpoints;
import dev.writ.audit.note.Checkpoint;
import dev.writ.audit.note.Cosignature;
import dev.writ.audit.note.SignedNote;
import dev.writ.audit.note.VerifierKey;
import dev.writ.contract.MalformedException;
import dev.writ.contract.key.PrivateKey;
import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The same log, verified by the packages behind Go's checksum database. Runs where {@code go} is on
 * the path.
 */
class GoVerifyIT {
  private static final Path SOURCE = Path.of("..", "e2e", "go-verify");
  private static final int SIZE = 66_000;

  @TempDir private Path folder;
  private final LogFixture log = new LogFixture();
  private final PrivateKey witness = PrivateKey.generate();
  private VerifierKey witnessKey;
  private Path program;
  private Path older;

  @BeforeEach
  void write() throws IOException, InterruptedException, MalformedException {
    assumeTrue(isOnPath("go"), "go is not on the path");
    program = folder.resolve("go-verify");
    Result build = run(SOURCE, List.of("go", "build", "-o", program.toString(), "."));
    assumeTrue(!build.output.contains("dial tcp"), "no module proxy");
    assertThat(build.status).as(build.output).isZero();
    DirectoryStorage storage = DirectoryStorage.writing(folder.resolve("log"));
    LogWriter writer = log.open(storage, new MemoryCheckpoints());
    LogFixture.Gate gate = new LogFixture.Gate(1).calls(SIZE * 3 / 5);
    writer.append(List.of(gate.batch(0, 1000)));
    older = Files.write(folder.resolve("older"), storage.read(LogPaths.CHECKPOINT));
    writer.append(List.of(gate.batch(1000, 65_536)));
    writer.append(List.of(gate.batch(65_536, SIZE)));
    witnessKey =
        new VerifierKey("witness.example/w", VerifierKey.Type.COSIGNATURE, witness.publicKey());
    SignedNote note = SignedNote.parse(storage.read(LogPaths.CHECKPOINT));
    assertThat(Checkpoint.parse(note.text()).size()).isEqualTo(SIZE);
    storage.write(
        LogPaths.WITNESSED,
        note.with(List.of(Cosignature.sign(witnessKey.name(), witness, note.text(), 1_795_369_261)))
            .toBytes());
  }

  @Test
  void goAgreesOnAGoodLogAndOnBadOnes() throws IOException, InterruptedException {
    Result good = verify();
    assertThat(good.status).as(good.output).isZero();
    assertThat(good.output).contains("verified " + SIZE + " entries");

    flip(folder.resolve("log/tile/entries/007"), 100);
    Result entry = verify();
    assertThat(entry.status).isEqualTo(1);
    assertThat(entry.output).contains("entry 1792 is not the one in the tree");
    flip(folder.resolve("log/tile/entries/007"), 100);

    flip(folder.resolve("log/tile/1/000"), 100);
    assertThat(verify().status).isEqualTo(1);
    flip(folder.resolve("log/tile/1/000"), 100);
    flip(folder.resolve("older"), 30);
    assertThat(verify().output).contains("older checkpoint");
    flip(folder.resolve("older"), 30);
    assertThat(verify().status).isZero();

    Files.delete(folder.resolve("log/tile/entries/000"));
    assertThat(verify().status).isEqualTo(1);
    Result rest = verify("-from", "256");
    assertThat(rest.status).as(rest.output).isZero();
    assertThat(rest.output).contains("not seen: entries 0 to 255");
    flip(folder.resolve("log/tile/entries/001"), 100);
    assertThat(verify("-from", "256").output).contains("entry 256 is not the one in the tree");
  }

  private static void flip(Path file, int at) throws IOException {
    byte[] bytes = Files.readAllBytes(file);
    bytes[at] ^= 1;
    Files.write(file, bytes);
  }

  private Result verify(String... more) throws IOException, InterruptedException {
    List<String> command = new ArrayList<>(List.of(program.toString()));
    command.addAll(List.of("-dir", folder.resolve("log").toString(), "-key", log.key().toString()));
    command.addAll(List.of("-old", older.toString(), "-witness", witnessKey.toString()));
    command.addAll(List.of(more));
    return run(folder, command);
  }

  private record Result(int status, String output) {}

  private static Result run(Path in, List<String> command)
      throws IOException, InterruptedException {
    Process process =
        new ProcessBuilder(command).directory(in.toFile()).redirectErrorStream(true).start();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    return new Result(process.waitFor(), output);
  }

  private static boolean isOnPath(String name) {
    String path = System.getenv().getOrDefault("PATH", "");
    return Stream.of(path.split(File.pathSeparator))
        .anyMatch(dir -> Files.isExecutable(Path.of(dir, name)));
  }
}

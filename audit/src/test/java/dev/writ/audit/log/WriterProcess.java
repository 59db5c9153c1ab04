package dev.writ.audit.log;

import dev.writ.audit.merkle.Hash;
import dev.writ.contract.MalformedException;
import dev.writ.contract.key.PrivateKey;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;

/**
 * A writer as a process of its own, to be killed: appends records of fresh boots for ever, and says
 * what was acknowledged.
 */
final class WriterProcess {
  private static final int GATES = 3;

  private WriterProcess() {}

  /** A checkpoint store in files: what the ConfigMap is in a cluster. */
  record FileCheckpoints(LogStorage files) implements CheckpointStore {
    private static final String NAME = "committed";

    @Override
    public Committed read() throws IOException {
      byte[] bytes = files.read(NAME);
      return bytes == null ? null : decode(bytes);
    }

    @Override
    public boolean compareAndSwap(Committed expected, Committed next) throws IOException {
      return files.replace(NAME, expected == null ? null : encode(expected), encode(next));
    }

    private static byte[] encode(Committed committed) {
      return (committed.size() + " " + committed.root().toBase64() + " " + committed.stage())
          .getBytes(StandardCharsets.UTF_8);
    }

    private static Committed decode(byte[] bytes) throws IOException {
      String[] parts = new String(bytes, StandardCharsets.UTF_8).split(" ", 3);
      try {
        return new Committed(Long.parseLong(parts[0]), Hash.fromBase64(parts[1]), parts[2]);
      } catch (MalformedException e) {
        throw new IOException(e);
      }
    }
  }

  /**
   * Runs until it is killed.
   *
   * @param args folder of the log, folder of the checkpoint store, private JWK of the log
   */
  public static void main(String[] args) throws Exception {
    LogFixture log = new LogFixture(PrivateKey.fromJwk(args[2]));
    DirectoryStorage storage = DirectoryStorage.writing(Path.of(args[0]));
    CheckpointStore checkpoints = new FileCheckpoints(DirectoryStorage.writing(Path.of(args[1])));
    ThreadLocalRandom random = ThreadLocalRandom.current();
    LogWriter writer =
        LogWriter.open(
            List.of(log.signer),
            storage,
            checkpoints,
            () -> Long.toHexString(ThreadLocalRandom.current().nextLong()),
            LogFixture.ED25519);
    LogQueue queue = new LogQueue(writer);
    say("open");
    for (int i = 0; i < GATES; i++) {
      LogFixture.Gate gate = new LogFixture.Gate(random.nextInt(Integer.MAX_VALUE));
      Thread.ofPlatform().start(() -> ship(queue, gate));
    }
  }

  private static void ship(LogQueue queue, LogFixture.Gate gate) {
    int shipped = 0;
    while (true) {
      try {
        Outcome outcome = queue.append(gate.batch(shipped, gate.lines().size()));
        shipped = gate.lines().size();
        if (!(outcome instanceof Outcome.Stored) || outcome.acked() != shipped) {
          say("wrong " + outcome);
        }
        say("acked " + gate.boot() + "." + shipped);
        gate.calls(1 + ThreadLocalRandom.current().nextInt(40));
      } catch (IOException e) {
        if (!(e.getCause() instanceof LogConflictException)) {
          say("wrong " + e);
          return;
        }
      }
    }
  }

  private static synchronized void say(String line) {
    System.out.println(line);
    System.out.flush();
  }
}

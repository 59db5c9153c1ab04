package dev.writ.audit.log;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** One writer, every step of it failing in every way. */
class CrashTest {
  private static final int MAX_STEPS = 400;

  @ParameterizedTest
  @EnumSource(Faults.Kind.class)
  void wherever(Faults.Kind kind) throws IOException {
    int step = 0;
    boolean struck = true;
    while (struck) {
      step++;
      assertThat(step).isLessThan(MAX_STEPS);
      struck = run(new World(), kind, step);
    }
    assertThat(step).isGreaterThan(40);
  }

  /**
   * Ships three batches, crossing the end of a tile, until all is acknowledged; false when the step
   * was never reached.
   */
  static boolean run(World world, Faults.Kind kind, int step) throws IOException {
    LogFixture.Gate gate = new LogFixture.Gate(1).calls(160).stop();
    List<Batch> batches =
        List.of(
            gate.batch(0, 3),
            gate.batch(0, 250),
            gate.batch(3, 262),
            gate.batch(250, gate.lines().size()));
    Faults faults = new Faults(world, kind, step, () -> {});
    LogWriter writer = null;
    int next = 0;
    for (int attempt = 0; next < batches.size(); attempt++) {
      assertThat(attempt).isLessThan(20);
      try {
        if (writer == null) {
          writer =
              faults.dead()
                  ? world.log.open(world.storage, world.checkpoints)
                  : world.log.open(
                      faults.storage(world.storage), faults.checkpoints(world.checkpoints));
        }
        Batch batch = batches.get(next);
        world.acknowledge(batch, writer.append(List.of(batch)).getFirst());
        next++;
        if (next == 2) {
          writer.tidy();
        }
      } catch (LogRefusedException e) {
        throw new AssertionError(kind + " at step " + step, e);
      } catch (IOException e) {
        writer = faults.dead() ? null : writer;
      }
    }
    world.assertSound(kind + " at step " + step);
    assertThat(world.acknowledged).hasSize(gate.lines().size());
    return faults.struck();
  }

  @Test
  void aFullDiskStopsAcknowledgingAndNothingElse() throws IOException {
    World world = new World();
    LogFixture.Gate gate = new LogFixture.Gate(1).calls(20);
    LogWriter writer = world.log.open(world.storage, world.checkpoints);
    writer.append(List.of(gate.batch(0, 10)));
    List<String> before = world.memory.paths();
    LogStorage full =
        new LogStorage() {
          @Override
          public byte[] read(String path) throws IOException {
            return world.storage.read(path);
          }

          @Override
          public void write(String path, byte[] bytes) throws IOException {
            throw new IOException("No space left on device");
          }

          @Override
          public boolean replace(String path, byte[] expected, byte[] bytes) throws IOException {
            throw new IOException("No space left on device");
          }

          @Override
          public List<String> list(String folder) throws IOException {
            return world.storage.list(folder);
          }

          @Override
          public void delete(String path) throws IOException {
            world.storage.delete(path);
          }
        };
    LogWriter stuck = world.log.open(full, world.checkpoints);
    for (int i = 0; i < 3; i++) {
      org.assertj.core.api.Assertions.assertThatThrownBy(() -> stuck.append(List.of(gate.batch())))
          .isInstanceOf(IOException.class)
          .hasMessageContaining("No space left");
    }
    assertThat(world.memory.paths()).isEqualTo(before);
    world.acknowledge(
        gate.batch(),
        world.log.open(world.storage, world.checkpoints).append(List.of(gate.batch())).getFirst());
    world.assertSound("after room was made");
  }
}

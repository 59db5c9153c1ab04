package dev.writ.audit.log;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.writ.audit.log.LogRefusedException.Reason;
import dev.writ.audit.note.Checkpoint;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Two writers on the same stores, one step of either at a time, dying and failing at any of them:
 * the schedules that {@code LogWriter.tla} explores, on the code itself. A seed reproduces a
 * failure; {@code -Dwrit.log.seeds} runs more.
 */
class InterleavingTest {
  private static final int SEEDS = Integer.getInteger("writ.log.seeds", 150);
  private static final List<Faults.Kind> KINDS = List.of(Faults.Kind.values());
  private static final int STEPS = 1500;

  @Test
  void twoWritersNeitherForkNorLoseNorRepeat() throws IOException {
    int acknowledged = 0;
    for (long seed = 1; seed <= SEEDS; seed++) {
      World world = play(new World(), seed, Mutant.NONE);
      acknowledged += world.acknowledged.size();
      world.assertSound("seed " + seed);
      finish(world, seed);
    }
    assertThat(acknowledged).isGreaterThan(SEEDS * 5);
  }

  @ParameterizedTest
  @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "NONE")
  void eachMistakeOfTheModelIsFound(Mutant mutant) {
    Pattern expected = Pattern.compile(mutant.found);
    for (long seed = 1; seed <= 2000; seed++) {
      World world = play(new World(), seed, mutant);
      world.look();
      world.check();
      if (world.violations.stream().anyMatch(violation -> expected.matcher(violation).find())) {
        return;
      }
      assertThat(world.violations).as("seed %d", seed).isEmpty();
    }
    throw new AssertionError(mutant + " was not found");
  }

  static World play(World world, long seed, Mutant mutant) {
    RandomGenerator random = RandomGeneratorFactory.of("L64X128MixRandom").create(seed);
    List<LogFixture.Gate> gates = gates(mutant == Mutant.BATCH_APPENDED_TWICE ? 0 : 3);
    Turns.Body writer = pause -> write(world, gates, mutant, random, pause);
    new Turns().run(List.of(writer, writer), random, STEPS);
    return world;
  }

  private static List<LogFixture.Gate> gates(int calls) {
    List<LogFixture.Gate> gates = new ArrayList<>();
    for (int i = 0; i < 3; i++) {
      gates.add(new LogFixture.Gate(i).calls(calls));
    }
    return gates;
  }

  /**
   * A writer that is started again whenever it dies, and gates that ship until they are
   * acknowledged.
   */
  private static void write(
      World world,
      List<LogFixture.Gate> gates,
      Mutant mutant,
      RandomGenerator random,
      Runnable pause) {
    Faults faults = null;
    LogWriter writer = null;
    while (pending(world, gates, random) != null) {
      if (faults == null || faults.dead()) {
        Faults.Kind kind = KINDS.get(random.nextInt(KINDS.size()));
        faults = new Faults(world, kind, 1 + random.nextInt(80), pause);
        writer = null;
      }
      LogStorage storage = mutant.storage(world, faults.storage(world.storage));
      CheckpointStore checkpoints =
          mutant.checkpoints(
              world, faults.checkpoints(world.checkpoints), faults.storage(world.storage));
      try {
        if (writer == null) {
          writer = world.log.open(storage, checkpoints, mutant.heads());
        }
        Batch batch = pending(world, gates, random);
        if (batch != null) {
          world.acknowledge(batch, writer.append(List.of(batch)).getFirst());
          if (random.nextInt(8) == 0) {
            writer.tidy();
          }
        }
      } catch (LogRefusedException e) {
        world.violations.add(e.getMessage());
        return;
      } catch (IOException e) {
        // Sent again, as gates do.
      }
    }
  }

  private static Batch pending(World world, List<LogFixture.Gate> gates, RandomGenerator random) {
    List<LogFixture.Gate> open =
        gates.stream()
            .filter(gate -> !world.acknowledged.contains(gate.boot() + "." + gate.lines().size()))
            .toList();
    if (open.isEmpty()) {
      return null;
    }
    LogFixture.Gate gate = open.get(random.nextInt(open.size()));
    int from = 0;
    while (world.acknowledged.contains(gate.boot() + "." + (from + 1))) {
      from++;
    }
    return gate.batch(from, Math.min(gate.lines().size(), from + 1 + random.nextInt(3)));
  }

  /** Whatever state they left it in, one more writer brings all of it in. */
  static void finish(World world, long seed) throws IOException {
    LogWriter writer = world.log.open(world.storage, world.checkpoints);
    for (LogFixture.Gate gate : gates(3)) {
      world.acknowledge(gate.batch(), writer.append(List.of(gate.batch())).getFirst());
    }
    writer.tidy();
    world.assertSound("seed " + seed + ", finished");
    assertThat(world.storage.list(LogPaths.STAGE)).isEmpty();
  }

  @Test
  void aRestoredEtcdIsNoticedAndRefused() throws IOException {
    World world = new World();
    LogFixture.Gate gate = new LogFixture.Gate(1).calls(9);
    LogWriter writer = world.log.open(world.storage, world.checkpoints);
    writer.append(List.of(gate.batch(0, 3)));
    Committed backup = world.checkpoints.read();
    writer.append(List.of(gate.batch(3, 6)));

    for (Committed restored : new Committed[] {backup, null}) {
      world.checkpoints.restore(restored);
      assertThatThrownBy(() -> world.log.open(world.storage, world.checkpoints))
          .isInstanceOfSatisfying(
              LogRefusedException.class,
              e -> assertThat(e.reason()).isEqualTo(Reason.BEHIND_PUBLIC));
      assertThatThrownBy(() -> writer.append(List.of(gate.batch(6, 9))))
          .isInstanceOf(IOException.class);
      assertThatThrownBy(() -> writer.append(List.of(gate.batch(6, 9))))
          .isInstanceOf(LogRefusedException.class);
    }
    world.assertSound("after the refusals");
  }

  /** At the start of a writer, and by one that runs; failing at each step of it. */
  @Test
  void anAdministratorMayAcceptWhatIsPublicAndNothingIsLost() throws IOException {
    for (Faults.Kind kind : KINDS) {
      int step = 0;
      boolean struck = true;
      while (struck) {
        World world = new World();
        LogFixture.Gate gate = new LogFixture.Gate(1).calls(9);
        LogWriter writer = world.log.open(world.storage, world.checkpoints);
        world.acknowledge(gate.batch(0, 3), writer.append(List.of(gate.batch(0, 3))).getFirst());
        Committed backup = step % 2 == 0 ? world.checkpoints.read() : null;
        world.acknowledge(gate.batch(3, 6), writer.append(List.of(gate.batch(3, 6))).getFirst());
        world.look();
        world.checkpoints.restore(backup);
        world.checkpoints.accept(writer.head().root());
        Faults faults = new Faults(world, kind, ++step, () -> {});
        try {
          world.log.open(faults.storage(world.storage), faults.checkpoints(world.checkpoints));
        } catch (LogRefusedException e) {
          throw new AssertionError(kind + " at step " + step, e);
        } catch (IOException e) {
          assertThat(faults.struck()).isTrue();
        }
        struck = faults.struck();
        LogWriter next = step % 3 == 0 ? writer : world.log.open(world.storage, world.checkpoints);
        append(world, next, gate);
        world.assertSound(kind + " at step " + step);
        assertThat(world.acknowledged).hasSize(gate.lines().size());
      }
    }
  }

  /** The writer of before fails once: what it expects is not what is stored. */
  private static void append(World world, LogWriter writer, LogFixture.Gate gate)
      throws IOException {
    try {
      writer.append(List.of(gate.batch()));
    } catch (LogConflictException e) {
      assertThat(e).isNotNull();
    }
    world.acknowledge(gate.batch(), writer.append(List.of(gate.batch())).getFirst());
  }

  @Test
  void onlyWhatIsPublicAndExtendsTheStoreCanBeAccepted() throws IOException {
    World world = new World();
    LogFixture.Gate gate = new LogFixture.Gate(1).calls(9);
    LogWriter writer = world.log.open(world.storage, world.checkpoints);
    writer.append(List.of(gate.batch(0, 3)));
    Committed backup = world.checkpoints.read();
    writer.append(List.of(gate.batch(3, 6)));

    world.checkpoints.restore(backup);
    world.checkpoints.accept(backup.root());
    assertThatThrownBy(() -> world.log.open(world.storage, world.checkpoints))
        .isInstanceOf(LogRefusedException.class)
        .hasMessageContaining("restored");

    world.checkpoints.accept(writer.head().root());
    world.checkpoints.restore(new Committed(3, writer.head().root(), "stage/other"));
    assertThatThrownBy(() -> world.log.open(world.storage, world.checkpoints))
        .isInstanceOf(LogRefusedException.class)
        .hasMessageContaining("another log");
  }

  /** mut-start-trusts-etcd-alone: what the refusal above is good for. */
  @Test
  void aStartThatTrustedEtcdAloneWouldFork() throws IOException {
    World world = new World();
    LogFixture.Gate gate = new LogFixture.Gate(1).calls(9);
    LogFixture.Gate other = new LogFixture.Gate(2).calls(9);
    LogWriter writer = world.log.open(world.storage, world.checkpoints);
    writer.append(List.of(gate.batch(0, 3)));
    Committed backup = world.checkpoints.read();
    writer.append(List.of(gate.batch(3, 6)));
    world.look();
    world.checkpoints.restore(backup);
    Checkpoint claimed = new Checkpoint(LogFixture.ORIGIN, backup.size(), backup.root());
    world.storage.write(LogPaths.CHECKPOINT, claimed.sign(List.of(world.log.signer)).toBytes());
    world.storage.delete("tile/0/000.p/6");
    world.storage.delete("tile/entries/000.p/6");

    world.log.open(world.storage, world.checkpoints).append(List.of(other.batch(0, 3)));

    world.look();
    assertThat(world.violations).anyMatch(violation -> violation.contains("fork"));
  }

  @Test
  void aRestoredVolumeIsNoticedAndRefused() throws IOException {
    World world = new World();
    LogFixture.Gate gate = new LogFixture.Gate(1).calls(9);
    LogWriter writer = world.log.open(world.storage, world.checkpoints);
    writer.append(List.of(gate.batch(0, 3)));
    MemoryStorage backup = world.memory.copy();
    writer.append(List.of(gate.batch(3, 6)));

    for (MemoryStorage restored : List.of(backup, new MemoryStorage())) {
      assertThatThrownBy(() -> world.log.open(restored, world.checkpoints))
          .isInstanceOfSatisfying(
              LogRefusedException.class,
              e -> assertThat(e.reason()).isEqualTo(Reason.STORAGE_BEHIND));
    }
  }
}

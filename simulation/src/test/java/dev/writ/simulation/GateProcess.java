package dev.writ.simulation;

import dev.writ.contract.ErrorCode;
import dev.writ.contract.quota.AllowanceAnswer;
import dev.writ.contract.quota.CounterName;
import dev.writ.sidecar.allowance.Allowances;
import dev.writ.sidecar.allowance.Ask;
import dev.writ.sidecar.count.Admission;
import dev.writ.sidecar.count.Block;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** One start of a gate: the real {@link Allowances} with a clock, a file and a network. */
final class GateProcess {
  private static final long TICK = 300;
  private static final long TIMEOUT = 900;
  private static final long PATIENCE = 1_000;

  private final World world;
  private final Pod pod;
  private final String boot;
  private final CounterFile file;
  private final Allowances allowances;
  private final List<Waiting> waiting = new ArrayList<>();
  private final Map<List<Block>, ErrorCode> last = new HashMap<>();
  private final Set<Ask> open = new HashSet<>();
  private final GateMutant mutant;
  private boolean alive = true;
  private boolean frozen;
  private boolean stopping;

  GateProcess(World world, Pod pod, String boot) {
    this.world = world;
    this.pod = pod;
    this.boot = boot;
    this.file = new CounterFile(world, boot);
    this.allowances = new Allowances(boot, file);
    this.mutant = new GateMutant(world, this);
    world.time().within(TICK, this::tick);
  }

  private record Waiting(List<Block> chain, long until) {}

  String boot() {
    return boot;
  }

  Pod pod() {
    return pod;
  }

  CounterFile file() {
    return file;
  }

  Allowances allowances() {
    return allowances;
  }

  boolean alive() {
    return alive;
  }

  boolean running() {
    return alive && !frozen && !stopping;
  }

  /** What the last call on a chain was told; null when it was admitted. */
  @Nullable ErrorCode last(List<Block> chain) {
    return last.get(chain);
  }

  private void tick() {
    if (!alive) {
      return;
    }
    if (!frozen) {
      ask();
    }
    world.time().in(TICK, this::tick);
  }

  private void ask() {
    Ask ask = allowances.due(world.time().now());
    if (ask == null) {
      return;
    }
    open.add(ask);
    world.network().send(mutant.request(ask));
    world.time().in(TIMEOUT, () -> timeout(ask));
  }

  private void timeout(Ask ask) {
    if (alive && open.remove(ask)) {
      if (frozen) {
        open.add(ask);
        world.time().in(TIMEOUT, () -> timeout(ask));
        return;
      }
      allowances.failed(ask, world.time().now());
      ask();
    }
  }

  void answered(Message.Answer answer) {
    if (!alive) {
      return;
    }
    if (frozen) {
      world.time().in(50, () -> answered(answer));
      return;
    }
    Ask ask = answer.to().ask();
    open.remove(ask);
    AllowanceAnswer message = mutant.answer(answer);
    long now = world.time().now();
    List<String> done;
    if (world.bug() == Bug.DEADLINE_FROM_RECEIPT) {
      allowances.failed(ask, now - 3_000);
      done = allowances.answered(new Ask(ask.request(), now), message, now);
    } else {
      done = allowances.answered(ask, message, now);
    }
    for (String settled : done) {
      if (settled.equals(boot)) {
        alive = false;
        return;
      }
      pod.forget(settled);
    }
    List<Waiting> again = List.copyOf(waiting);
    waiting.clear();
    for (Waiting call : again) {
      if (call.until() >= now) {
        attempt(call.chain(), call.until());
      }
    }
    ask();
  }

  /** 409: nothing more is admitted, the process ends and another starts. */
  void refused() {
    if (alive && !frozen) {
      allowances.drop();
      kill();
    }
  }

  void recall() {
    if (alive && !frozen && world.bug() != Bug.NO_IDLE_RETURN) {
      allowances.recall(World.ROOT);
    }
  }

  /** A call comes in. */
  void call(List<Block> chain) {
    if (running()) {
      attempt(chain, world.time().now() + PATIENCE);
    }
  }

  private void attempt(List<Block> chain, long until) {
    switch (allowances.spend(chain, () -> world.time().now(), 0)) {
      case Admission.Admitted _ -> {
        last.put(chain, null);
        forward(chain);
      }
      case Admission.Refused refused -> {
        last.put(chain, refused.code());
        if (refused.code() == ErrorCode.QUOTA_UNAVAILABLE) {
          mutant.overshoot(chain);
          waiting.add(new Waiting(chain, until));
          ask();
        }
      }
    }
  }

  private void forward(List<Block> chain) {
    if (file.torn()) {
      world.books().died();
      kill();
      return;
    }
    List<String> paths = World.counted(chain);
    boolean first = world.bug() == Bug.DEBIT_AFTER_FORWARD;
    if (first) {
      world.books().forwarded(paths, world.time().now(), world.boundPerSecond());
    }
    // The debit and the request to the app are one after the other on one thread.
    if (alive && world.dice(Plan.Fault.KILL, 60)) {
      world.books().died();
      kill();
      return;
    }
    if (first) {
      file.add(name(chain).text());
    } else {
      world.books().forwarded(paths, world.time().now(), world.boundPerSecond());
    }
  }

  private static CounterName name(List<Block> chain) {
    boolean[] counts = new boolean[chain.size()];
    for (int i = 0; i < counts.length; i++) {
      counts[i] = chain.get(i).calls() != null;
    }
    return CounterName.of(chain.getLast().path(), counts);
  }

  void kill() {
    alive = false;
    pod.died();
  }

  /** Dies with its node. */
  void vanish() {
    alive = false;
  }

  void freeze(boolean on) {
    frozen = on;
  }

  boolean frozen() {
    return frozen;
  }

  void terminate() {
    if (running()) {
      stopping = true;
      open.clear();
      allowances.stop();
      ask();
      world
          .time()
          .in(
              5_000,
              () -> {
                if (alive && !frozen) {
                  alive = false;
                }
              });
    }
  }

  boolean stopping() {
    return stopping;
  }
}

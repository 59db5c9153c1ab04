package dev.writ.simulation;

import dev.writ.contract.quota.AllowanceRequest.Settled;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A pod: one process of the gate at a time, mostly, and what earlier ones left. */
final class Pod {
  private final World world;
  private final String uid;
  private final List<GateProcess> boots = new ArrayList<>();
  private final List<GateProcess> unsettled = new ArrayList<>();
  private boolean present = true;
  private boolean cutOff;
  private final boolean idle;
  private boolean restarting;

  Pod(World world, String uid, boolean idle) {
    this.world = world;
    this.uid = uid;
    this.idle = idle;
    start();
  }

  String uid() {
    return uid;
  }

  /** Whether calls stop coming here soon, while others still get them. */
  boolean idle() {
    return idle;
  }

  boolean present() {
    return present;
  }

  boolean cutOff() {
    return cutOff;
  }

  @Nullable GateProcess current() {
    return boots.isEmpty() ? null : boots.getLast();
  }

  List<GateProcess> boots() {
    return boots;
  }

  private void start() {
    restarting = false;
    GateProcess process = new GateProcess(world, this, world.newBoot());
    List<Settled> settled = new ArrayList<>();
    List<String> known = new ArrayList<>();
    known.add(process.boot());
    for (GateProcess old : unsettled) {
      boolean locked = old.alive();
      if (locked && world.bug() != Bug.NEXT_BOOT_WITHOUT_LOCK) {
        known.add(old.boot());
        waitFor(old, process);
        continue;
      }
      Settled left = old.file().read();
      if (left != null) {
        settled.add(left);
        known.add(old.boot());
      }
      if (world.bug() == Bug.ONE_FILE_REUSED_BY_BOOTS) {
        old.file().zero();
      }
    }
    process.allowances().predecessors(settled, known, world.time().now());
    boots.add(process);
    unsettled.add(process);
  }

  /**
   * Says again which boots are not lost: a request of one that is may have come after it was said.
   */
  void restate() {
    GateProcess now = current();
    if (now == null || !now.running()) {
      return;
    }
    List<String> known = new ArrayList<>();
    for (GateProcess old : unsettled) {
      if (old.alive() || old.file().read() != null) {
        known.add(old.boot());
      }
    }
    now.allowances().predecessors(List.of(), known, world.time().now());
  }

  /** A lock that becomes free later. */
  private void waitFor(GateProcess old, GateProcess waiter) {
    world
        .time()
        .in(
            400,
            () -> {
              if (!waiter.alive() || !unsettled.contains(old)) {
                return;
              }
              Settled left = old.alive() ? null : old.file().read();
              if (left != null) {
                waiter.allowances().predecessors(List.of(left), null, 0);
              } else if (old.alive()) {
                waitFor(old, waiter);
              }
            });
  }

  void forget(String boot) {
    unsettled.removeIf(old -> old.boot().equals(boot));
  }

  /** The kubelet starts it again. */
  void died() {
    if (present && !cutOff && !restarting) {
      restarting = true;
      world.time().within(600, this::restart);
    }
  }

  private void restart() {
    GateProcess now = current();
    if (!present || (now != null && now.alive() && !now.frozen())) {
      restarting = false;
      return;
    }
    start();
  }

  void kill() {
    GateProcess now = current();
    if (now != null && now.alive() && !now.frozen()) {
      now.kill();
    }
  }

  /** Stuck, and taken for dead: another process starts beside it. */
  void freeze() {
    GateProcess now = current();
    if (now != null && now.running()) {
      now.freeze(true);
      died();
      world.time().in(500 + world.random().nextInt(3_000), () -> now.freeze(false));
    }
  }

  void reboot() {
    boolean gone = world.random().nextBoolean();
    for (GateProcess process : boots) {
      process.vanish();
      process.file().reboot(gone);
    }
    restarting = false;
    died();
  }

  /** Deleted; its process may go on, cut off from the rest or not. */
  void delete() {
    GateProcess now = current();
    present = false;
    world.gone(uid);
    if (world.random().nextBoolean()) {
      cutOff = world.random().nextBoolean();
      world.time().in(world.random().nextInt(6_000), () -> boots.forEach(GateProcess::vanish));
    } else if (now != null) {
      now.terminate();
    }
  }

  void terminate() {
    GateProcess now = current();
    if (now != null && now.running()) {
      now.terminate();
      world
          .time()
          .in(
              6_000,
              () -> {
                if (present && !now.alive() && current() == now) {
                  start();
                }
              });
    }
  }

  /** Whoever is dead is started, whoever is stuck goes on. */
  void heal() {
    boots.forEach(process -> process.freeze(false));
    GateProcess now = current();
    if (present && (now == null || !now.alive()) && !restarting) {
      died();
    }
  }
}

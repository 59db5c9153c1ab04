package dev.writ.audit.log;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Semaphore;
import java.util.random.RandomGenerator;

/** Runs threads one step at a time, in an order that a seed decides. */
final class Turns {
  private final Semaphore back = new Semaphore(0);
  private final List<Player> players = new ArrayList<>();
  private volatile boolean over;
  private volatile Throwable failure;

  /** Ends a thread when the steps are used up. */
  private static final class Over extends Error {
    private static final long serialVersionUID = 1;
  }

  /** What a thread does; calls {@code pause} between its steps. */
  interface Body {
    void run(Runnable pause) throws Exception;
  }

  private final class Player {
    final Semaphore go = new Semaphore(0);
    final Thread thread;
    volatile boolean done;

    Player(Body body) {
      thread =
          Thread.ofPlatform()
              .daemon()
              .unstarted(
                  () -> {
                    try {
                      go.acquireUninterruptibly();
                      body.run(this::pause);
                    } catch (Over e) {
                      assert over;
                    } catch (Throwable e) {
                      failure = e;
                    } finally {
                      done = true;
                      back.release();
                    }
                  });
    }

    void pause() {
      back.release();
      go.acquireUninterruptibly();
      if (over) {
        throw new Over();
      }
    }
  }

  /** Plays until all are done or the steps are used up. */
  void run(List<Body> bodies, RandomGenerator random, int steps) {
    bodies.forEach(body -> players.add(new Player(body)));
    players.forEach(player -> player.thread.start());
    List<Player> alive = new ArrayList<>(players);
    for (int step = 0; !alive.isEmpty(); step++) {
      over = over || step >= steps;
      Player player = alive.get(random.nextInt(alive.size()));
      player.go.release();
      back.acquireUninterruptibly();
      if (player.done) {
        alive.remove(player);
      }
    }
    if (failure != null) {
      throw new AssertionError("a writer failed", failure);
    }
  }
}

package dev.writ.simulation;

import dev.writ.contract.quota.AllowanceAnswer;
import dev.writ.contract.quota.AllowanceRequest;
import dev.writ.operator.ledger.Anchor;
import dev.writ.operator.ledger.Ask;
import dev.writ.operator.ledger.Ledger;
import dev.writ.operator.ledger.LedgerChange;
import dev.writ.operator.ledger.LedgerState;
import dev.writ.operator.ledger.RateWindows;
import dev.writ.operator.ledger.RootLimit;
import dev.writ.operator.ledger.Step;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A process of the operator that believes to lead: carries out what {@link Ledger} decides, in the
 * order that quota.md gives, and may die between any two steps.
 */
final class Leader {
  private final World world;
  private final Mutant mutant;
  private final int epoch;
  private final long skew;
  private final Deque<Job> jobs = new ArrayDeque<>();
  private Anchor anchor;
  private final RateWindows windows;
  private LedgerState heard = LedgerState.EMPTY;
  private RootLimit capability;
  private Store.@Nullable Read stale;
  private boolean busy;
  private boolean alive = true;
  private boolean behind;

  Leader(World world, int epoch, long skew) {
    this.world = world;
    this.mutant = new Mutant(world);
    this.epoch = epoch;
    this.skew = skew;
    this.anchor = world.store().readLog();
    this.windows = new RateWindows("leader-" + epoch);
    this.capability = new RootLimit(world.store().generation(), world.store().limit());
    mutant.started(world.store().read().entry());
  }

  /** What is done one after the other. */
  private sealed interface Job {
    record Serve(Message.Request request) implements Job {}

    record Sweep(Set<String> gone) implements Job {}

    record Limit() implements Job {}

    record Accept() implements Job {}
  }

  boolean alive() {
    return alive;
  }

  boolean behind() {
    return behind;
  }

  void die() {
    alive = false;
  }

  void seeCapability() {
    capability = new RootLimit(world.store().generation(), world.store().limit());
    enqueue(new Job.Limit());
  }

  void receive(Message.Request request) {
    enqueue(new Job.Serve(request));
  }

  void sweep() {
    Set<String> gone = new HashSet<>(world.goneUids());
    if (!gone.isEmpty()) {
      enqueue(new Job.Sweep(gone));
    }
  }

  void accept() {
    enqueue(new Job.Accept());
  }

  private void enqueue(Job job) {
    if (alive) {
      jobs.add(job);
      turn();
    }
  }

  private void turn() {
    if (!busy && !jobs.isEmpty()) {
      busy = true;
      Job job = jobs.poll();
      later(() -> read(job));
    }
  }

  private void done() {
    busy = false;
    turn();
  }

  /** The next step, unless the process dies before it. */
  private void later(Runnable step) {
    world
        .time()
        .within(
            world.slow() ? 60 : 4,
            () -> {
              if (alive && world.dice(Plan.Fault.LEADER_CRASH, 60)) {
                die();
                world.leaderDied();
              }
              if (alive) {
                step.run();
              }
            });
  }

  private void read(Job job) {
    Store.Read read = stale;
    stale = null;
    if (read == null || !world.dice(Plan.Fault.LEADER_OVERLAP, 3)) {
      read = world.store().read();
    }
    LedgerState entry = read.entry();
    if (entry == null) {
      if (!anchor.logged().entries().isEmpty()
          && !mutant.ignoresLog()
          && !world.store().compareAndSwap(read.version(), anchor.logged())) {
        later(() -> read(job));
        return;
      }
      read = world.store().read();
      entry = read.entry() == null ? LedgerState.EMPTY : read.entry();
    }
    entry = entry.withSpent(heard);
    Step step = mutant.mutated(decide(job, entry), anchor, entry, request(job));
    carryOut(job, read, entry, step);
  }

  private static Message.@Nullable Request request(Job job) {
    return job instanceof Job.Serve serve ? serve.request() : null;
  }

  private Step decide(Job job, LedgerState entry) {
    Anchor against = mutant.anchor(anchor, entry, capability);
    LedgerState on = mutant.entry(entry, capability);
    return switch (job) {
      case Job.Serve serve ->
          Ledger.ask(
              against,
              on,
              mutant.root(capability, on),
              windows,
              world.time().now() + skew,
              mutant.ask(ask(serve.request()), serve.request(), on));
      case Job.Sweep sweep -> mutant.sweep(against, on, sweep.gone());
      case Job.Limit _ -> Ledger.limit(against, on, mutant.root(capability, on));
      case Job.Accept _ ->
          behind ? Ledger.accept(anchor, entry) : new Step.Unchanged(entry, Step.Reply.NONE);
    };
  }

  private Ask ask(Message.Request request) {
    AllowanceRequest message = request.message();
    AllowanceRequest.Closing closing = message.closing();
    List<String> known = closing == null ? null : closing.known();
    return new Ask(
        message.boot(),
        request.podUid(),
        world.plan().pods(),
        message.items(),
        message.rates(),
        closing == null ? List.of() : closing.settled(),
        known == null ? null : Set.copyOf(known));
  }

  private void carryOut(Job job, Store.Read read, LedgerState entry, Step step) {
    switch (step) {
      case Step.Write write -> write(job, read, write);
      case Step.Unchanged unchanged -> {
        heard = unchanged.heard();
        reply(job, unchanged.reply(), unchanged.heard());
        done();
      }
      case Step.Append append ->
          later(
              () -> {
                if (append(append.change())) {
                  anchor = anchor.appended(entry);
                  later(() -> read(job));
                }
              });
      case Step.Behind stopped -> {
        anchor = stopped.anchor();
        behind = true;
        done();
      }
      case Step.Closed _ -> {
        if (job instanceof Job.Serve serve) {
          world.network().refuse(serve.request());
        }
        done();
      }
    }
  }

  private void write(Job job, Store.Read read, Step.Write write) {
    if (mutant.is(Bug.ANSWER_BEFORE_WRITE_ACKED)) {
      reply(job, write.reply(), write.next());
    }
    if (mutant.is(Bug.LOG_FIRST_CRASH_BLOCKS) && write.change() != null) {
      if (!append(write.change())) {
        return;
      }
      anchor = anchor.appended(write.next());
    }
    later(
        () -> {
          boolean written = world.store().compareAndSwap(read.version(), write.next());
          if (written && job instanceof Job.Accept) {
            behind = false;
          }
          if (!written || world.dice(Plan.Fault.UNKNOWN_OUTCOME, 20)) {
            // A conflict, or an answer that did not come: only reading again tells.
            later(() -> read(job));
            return;
          }
          stale = world.store().read();
          written(job, write);
        });
  }

  private void written(Job job, Step.Write write) {
    LedgerChange change = write.change();
    if (mutant.is(Bug.ANSWER_BEFORE_LOG)) {
      reply(job, write.reply(), write.next());
    }
    if (change == null || mutant.is(Bug.LOG_FIRST_CRASH_BLOCKS)) {
      answer(job, write);
      return;
    }
    later(
        () -> {
          if (append(change)) {
            answer(job, write);
          }
        });
  }

  private void answer(Job job, Step.Write write) {
    if (job instanceof Job.Accept) {
      anchor = anchor.accepted(write.next());
    } else if (write.change() != null) {
      anchor = anchor.appended(write.next());
    }
    heard = write.next();
    later(
        () -> {
          reply(job, write.reply(), write.next());
          done();
        });
  }

  /** A leader that could not append, or does not know, reads everything anew: it dies. */
  private boolean append(LedgerChange change) {
    boolean stored = world.store().append(epoch, change);
    if (!stored || world.dice(Plan.Fault.UNKNOWN_OUTCOME, 30)) {
      die();
      world.leaderDied();
      return false;
    }
    return true;
  }

  private void reply(Job job, Step.Reply reply, LedgerState state) {
    reply.recall().forEach(world::recall);
    if (job instanceof Job.Serve serve) {
      AllowanceAnswer answer = new AllowanceAnswer(reply.items(), reply.rates(), reply.closed());
      world.network().answer(serve.request(), answer, state);
    }
  }
}

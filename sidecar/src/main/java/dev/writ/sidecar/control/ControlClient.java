package dev.writ.sidecar.control;

import dev.writ.contract.MalformedException;
import dev.writ.contract.Names;
import dev.writ.contract.key.PrivateKey;
import dev.writ.sidecar.Configuration;
import dev.writ.sidecar.ControlLink;
import dev.writ.sidecar.Parts;
import dev.writ.sidecar.StartException;
import dev.writ.sidecar.state.RevocationKeeper;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The link to the operator: four loops on virtual threads (enrol, follow events, ship records, ask
 * for allowances) that never end and never take anything away from the gate or the helper when the
 * operator is gone. (architecture.md, Flows 2, 5, 6)
 */
public final class ControlClient implements ControlLink {
  private static final Logger LOG = LoggerFactory.getLogger(ControlClient.class);
  private static final long FIRST_WAIT_MS = 250;
  private static final long MAX_WAIT_MS = 10_000;

  /** The operator's heartbeat comes every 10 s. */
  private static final long SILENCE_MS = 30_000;

  /** A record is shipped within a second; those of a busy gate go together. */
  private static final long GATHER_MS = 200;

  private static final Duration PATIENCE = Duration.ofSeconds(10);

  private static final long STOP_MS = 3_000;

  private final Parts parts;
  private final Operator operator;
  private final PrivateKey key;
  private final EnrolAnswer.Reader reader;
  private final Epochs epochs = new Epochs();
  private final Beliefs beliefs;
  private final RecordShipper shipper;
  private final @Nullable AllowanceLink allowances;
  private final Channel enrolling;
  private final Channel following;
  private final Channel shipping;
  private final Signal enrolNow = new Signal();
  private final Signal enrolledOnce = new Signal();
  private final Signal shipNow = new Signal();
  private volatile boolean stopping;
  private volatile @Nullable InputStream events;
  private @Nullable Thread enroller;
  private @Nullable Thread follower;
  private @Nullable Thread sender;
  private @Nullable Thread asker;

  private ControlClient(
      Parts parts, Configuration.Cluster cluster, PrivateKey key, RevocationKeeper keeper) {
    this.parts = parts;
    this.key = key;
    this.operator = new Operator(cluster, parts.boot(), PATIENCE);
    this.reader =
        new EnrolAnswer.Reader(
            parts.ed25519(), key.publicKey(), parts.configuration().guards(), cluster.podUid());
    this.beliefs =
        new Beliefs(parts.state(), parts.ed25519(), keeper, parts.time(), parts.meters());
    this.shipper =
        new RecordShipper(operator, parts.backlog(), epochs, parts.boot(), parts.meters());
    this.allowances =
        parts.counter() == null
            ? null
            : new AllowanceLink(
                operator,
                parts.counter(),
                parts.restart(),
                () -> parts.state().current().trust() != null,
                parts.meters());
    this.enrolling = new Channel("enrol", parts.meters());
    this.following = new Channel("events", parts.meters());
    this.shipping = new Channel("records", parts.meters());
  }

  /**
   * The link of a process in cluster mode.
   *
   * @throws StartException when the state directory holds a damaged revocation list
   */
  public static ControlClient of(Parts parts) throws StartException {
    if (!(parts.configuration().source() instanceof Configuration.Cluster cluster)) {
      throw new IllegalArgumentException("not in cluster mode");
    }
    if (parts.key() == null) {
      throw new IllegalArgumentException("no key");
    }
    try {
      return new ControlClient(
          parts, cluster, parts.key(), RevocationKeeper.open(parts.configuration().stateDir()));
    } catch (IOException e) {
      throw new StartException("couldn't read the revocations seen so far: " + e.getMessage(), e);
    }
  }

  @Override
  public Future<Void> start() {
    parts.backlog().onAppend(shipNow::raise);
    enroller = Thread.ofVirtual().name("writ-enrol").start(this::enrol);
    follower = Thread.ofVirtual().name("writ-events").start(this::follow);
    sender = Thread.ofVirtual().name("writ-records").start(this::send);
    asker = Thread.ofVirtual().name("writ-allowances").start(this::ask);
    return Future.succeededFuture();
  }

  @Override
  public Future<Void> stop() {
    Promise<Void> stopped = Promise.promise();
    Thread.ofVirtual()
        .name("writ-control-stop")
        .start(
            () -> {
              end();
              stopped.complete();
            });
    return stopped.future();
  }

  private void end() {
    stopping = true;
    enrolNow.raise();
    shipNow.raise();
    AllowanceLink link = allowances;
    if (link != null) {
      link.stop();
    }
    try {
      if (asker != null) {
        asker.join(Duration.ofMillis(STOP_MS));
      }
      if (sender != null) {
        sender.join(Duration.ofMillis(STOP_MS));
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    for (Thread thread : new Thread[] {enroller, follower, sender, asker}) {
      if (thread != null) {
        thread.interrupt();
      }
    }
    close(events);
  }

  private void enrol() {
    Backoff backoff = backoff();
    long wait = 0;
    try {
      while (!stopping) {
        enrolNow.await(wait);
        if (!stopping) {
          wait = enrolOnce(backoff);
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Milliseconds until the next enrolment. */
  private long enrolOnce(Backoff backoff) throws InterruptedException {
    try {
      EnrolAnswer answer = reader.read(operator.enrol(key));
      beliefs.enrolled(answer);
      epochs.enrolled(answer.epoch());
      enrolling.up();
      enrolledOnce.raise();
      shipNow.raise();
      if (epochs.owesEnrolment()) {
        return backoff.next();
      }
      backoff.reset();
      return answer.renewAfterSeconds() * 1_000;
    } catch (MalformedException e) {
      beliefs.refuse("enrolment", String.valueOf(e.getMessage()));
      enrolling.down("the answer is unusable: " + e.getMessage());
    } catch (OperatorException e) {
      enrolling.down(String.valueOf(e.getMessage()));
    } catch (RuntimeException e) {
      LOG.atError().setCause(e).log("couldn't enrol");
      enrolling.down(e.toString());
    }
    return backoff.next();
  }

  private void follow() {
    Backoff backoff = backoff();
    boolean before = false;
    try {
      while (!stopping && parts.state().current().trust() == null) {
        enrolledOnce.await(MAX_WAIT_MS);
      }
      while (!stopping) {
        if (followOnce(before, backoff)) {
          before = true;
        }
        Thread.sleep(backoff.next());
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /**
   * One stream from its beginning to its end.
   *
   * @param again there was one before: what was said between the two is unknown, so the pod enrols
   *     again
   * @return whether the stream came about
   */
  private boolean followOnce(boolean again, Backoff backoff) throws InterruptedException {
    boolean opened = false;
    Thread watch = null;
    try (InputStream in = operator.events()) {
      opened = true;
      events = in;
      following.up();
      // Perhaps another leader, which has not heard what was spent since the last write.
      reopen();
      if (again) {
        enrolNow.raise();
      }
      SseReader stream = new SseReader(in, () -> parts.time().moment().monotonicMillis());
      watch = Thread.ofVirtual().name("writ-events-watch").start(() -> watch(stream, in));
      for (SseReader.Event event = stream.next(); event != null; event = stream.next()) {
        // Only now: a stream that ends as soon as it opens is no recovery.
        backoff.reset();
        take(event);
      }
      following.down("the stream of events ended");
    } catch (OperatorException e) {
      following.down(String.valueOf(e.getMessage()));
    } catch (IOException e) {
      following.down("the stream of events broke: " + e.getMessage());
    } catch (RuntimeException e) {
      LOG.atError().setCause(e).log("couldn't follow events");
      following.down(e.toString());
    } finally {
      events = null;
      if (watch != null) {
        watch.interrupt();
      }
    }
    return opened;
  }

  private void watch(SseReader stream, InputStream in) {
    try {
      while (parts.time().moment().monotonicMillis() - stream.lastHeard() < SILENCE_MS) {
        Thread.sleep(SILENCE_MS / 6);
      }
      close(in);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void take(SseReader.Event event) {
    try {
      Answer data = Answer.parse("event", event.data());
      switch (event.name()) {
        case Names.EVENT_RECALL -> {
          if (parts.counter() != null) {
            parts.counter().recall(data.text("cid"));
          }
        }
        case Names.EVENT_REVOCATIONS -> {
          reopen();
          if (beliefs.revoked(data.text("list"))) {
            epochs.revoked(data.number("epoch"));
            shipNow.raise();
          } else if (parts.state().current().trust() != null) {
            // Perhaps signed by an issuer key that we do not have yet.
            enrolNow.raise();
          }
        }
        case Names.EVENT_REFRESH -> {
          reopen();
          epochs.refreshAsked(data.number("epoch"));
          if (epochs.owesEnrolment()) {
            enrolNow.raise();
          }
        }
        default -> LOG.atDebug().addKeyValue("event", event.name()).log("unknown event left alone");
      }
    } catch (MalformedException e) {
      beliefs.refuse("event", String.valueOf(e.getMessage()));
    }
  }

  /** Whatever is edited makes the operator say something; only then can a limit be a higher one. */
  private void reopen() {
    if (parts.counter() != null) {
      parts.counter().reopen();
    }
  }

  private void ask() {
    try {
      AllowanceLink link = allowances;
      if (link != null) {
        link.run();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void send() {
    Backoff backoff = backoff();
    long wait = MAX_WAIT_MS;
    try {
      while (!stopping) {
        shipNow.await(wait);
        if (!stopping && !parts.backlog().isAwaited()) {
          Thread.sleep(GATHER_MS);
        }
        wait = sendOnce() ? idle(backoff) : backoff.next();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static long idle(Backoff backoff) {
    backoff.reset();
    return MAX_WAIT_MS;
  }

  private boolean sendOnce() throws InterruptedException {
    if (parts.state().current().trust() == null) {
      return true;
    }
    try {
      shipper.ship();
      shipping.up();
      return true;
    } catch (OperatorException e) {
      shipping.down(String.valueOf(e.getMessage()));
    } catch (RuntimeException e) {
      LOG.atError().setCause(e).log("couldn't ship records");
      shipping.down(e.toString());
    }
    return false;
  }

  private static Backoff backoff() {
    return new Backoff(new SplittableRandom(), FIRST_WAIT_MS, MAX_WAIT_MS);
  }

  private static void close(@Nullable InputStream in) {
    if (in != null) {
      try {
        in.close();
      } catch (IOException e) {
        LOG.atDebug().setCause(e).log("couldn't close the stream of events");
      }
    }
  }
}

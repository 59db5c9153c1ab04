package dev.writ.operator.copies;

import dev.writ.audit.AuditRecord;
import dev.writ.operator.records.TransparencyLog;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Posts copies of records to one receiver, on a thread of its own. The log never waits for it: what
 * comes while {@value #MOST_WAITING} records wait is dropped and counted. Records of before the
 * start are not sent; one whose answer was lost is sent again.
 */
public final class Copies implements TransparencyLog.Listener, AutoCloseable {
  static final int MOST_WAITING = 16_384;

  private static final Logger LOG = LoggerFactory.getLogger(Copies.class);
  private static final int BATCH = 512;
  private static final Duration PATIENCE = Duration.ofSeconds(10);
  private static final long FIRST_PAUSE_MILLIS = 500;
  private static final long LONGEST_PAUSE_MILLIS = 30_000;
  private static final int REQUEST_TIMEOUT = 408;
  private static final int TOO_MANY = 429;

  private final URI receiver;

  /** Without its query, which may hold a token. */
  private final String shown;

  private final CopyFormat format;
  private final HttpClient client =
      HttpClient.newBuilder()
          .version(HttpClient.Version.HTTP_1_1)
          .connectTimeout(PATIENCE)
          .followRedirects(HttpClient.Redirect.NEVER)
          .build();
  private final BlockingQueue<Copy> waiting;
  private final AtomicLong sent = new AtomicLong();
  private final AtomicLong dropped = new AtomicLong();
  private final Thread thread;
  private boolean failing;

  Copies(URI receiver, CopyFormat format, int most) {
    this.receiver = receiver;
    this.shown = receiver.getScheme() + "://" + receiver.getRawAuthority() + receiver.getRawPath();
    this.format = format;
    this.waiting = new ArrayBlockingQueue<>(most);
    this.thread = Thread.ofPlatform().name("copies").daemon().unstarted(this::run);
  }

  /** Begins to send records as OTLP logs. */
  public static Copies openTelemetry(URI receiver, String origin) {
    return new Copies(receiver, CopyFormat.openTelemetry(origin), MOST_WAITING).started();
  }

  /** Begins to send records as CloudEvents. */
  public static Copies cloudEvents(URI receiver, String origin) {
    return new Copies(receiver, CopyFormat.cloudEvents(origin), MOST_WAITING).started();
  }

  Copies started() {
    thread.start();
    return this;
  }

  @Override
  public void stored(long index, String podUid, AuditRecord stored) {
    if (!waiting.offer(new Copy(index, stored))) {
      dropped.incrementAndGet();
    }
  }

  private void run() {
    try {
      while (true) {
        List<Copy> batch = new ArrayList<>();
        batch.add(waiting.take());
        waiting.drainTo(batch, BATCH - 1);
        deliver(batch);
      }
    } catch (InterruptedException e) {
      // The operator stops; what waits is in the log.
      Thread.currentThread().interrupt();
    }
  }

  private void deliver(List<Copy> batch) throws InterruptedException {
    byte[] body;
    try {
      body = format.encode(batch);
    } catch (RuntimeException e) {
      drop(batch, "couldn't be written: " + e.getMessage());
      return;
    }
    long pause = FIRST_PAUSE_MILLIS;
    while (true) {
      String failure = post(batch, body);
      if (failure.isEmpty()) {
        return;
      }
      report(failure);
      TimeUnit.MILLISECONDS.sleep(pause);
      pause = Math.min(2 * pause, LONGEST_PAUSE_MILLIS);
    }
  }

  /** Empty when the batch is dealt with, else why it has to be sent again. */
  private String post(List<Copy> batch, byte[] body) throws InterruptedException {
    HttpRequest request =
        HttpRequest.newBuilder(receiver)
            .timeout(PATIENCE)
            .header("Content-Type", format.mediaType())
            .POST(HttpRequest.BodyPublishers.ofByteArray(body))
            .build();
    try {
      int status = client.send(request, HttpResponse.BodyHandlers.discarding()).statusCode();
      if (status / 100 == 2) {
        sent.addAndGet(batch.size());
        recovered();
        return "";
      }
      if (status / 100 == 5 || status == TOO_MANY || status == REQUEST_TIMEOUT) {
        return "status " + status;
      }
      drop(batch, "status " + status);
      return "";
    } catch (IOException e) {
      return e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage();
    }
  }

  /** A receiver that refuses a batch refuses it again. */
  private void drop(List<Copy> batch, String why) {
    dropped.addAndGet(batch.size());
    report(why);
  }

  /** Once when it begins to fail and once when it works again. */
  private void report(String cause) {
    if (!failing) {
      failing = true;
      LOG.atWarn()
          .addKeyValue("receiver", shown)
          .addKeyValue("cause", cause)
          .log("couldn't send copies of records; the log has them");
    }
  }

  private void recovered() {
    if (failing) {
      failing = false;
      LOG.atInfo().addKeyValue("receiver", shown).log("copies of records arrive again");
    }
  }

  /** Records that the receiver took. */
  public double sent() {
    return sent.get();
  }

  /** Records that it did not get and will not get: above 0 the copies have gaps. */
  public double dropped() {
    return dropped.get();
  }

  /** Records that wait for it. */
  public int waiting() {
    return waiting.size();
  }

  @Override
  public void close() {
    thread.interrupt();
    client.shutdownNow();
  }
}

package dev.writ.operator.control;

import dev.writ.audit.Boot;
import dev.writ.audit.log.Outcome;
import dev.writ.contract.json.JsonValue;
import dev.writ.contract.json.JsonValue.JsonArray;
import dev.writ.contract.json.JsonValue.JsonNumber;
import dev.writ.contract.json.JsonValue.JsonObject;
import dev.writ.contract.json.JsonValue.JsonString;
import dev.writ.contract.json.JsonWriter;
import dev.writ.operator.cluster.InjectedPod;
import dev.writ.operator.records.RecordLog;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * {@code POST /v1/records}: what a gate decided, stored before it is acknowledged; and what it has
 * heard of.
 */
final class RecordsEndpoint implements Endpoint {
  /** A batch, and room for what surrounds it. */
  static final int MAX_BODY = (1 << 20) + 64 * 1024;

  private static final Logger LOG = LoggerFactory.getLogger(RecordsEndpoint.class);
  private static final int CONFLICT = 409;

  private final Authenticator authenticator;
  private final RecordLog log;
  private final Applied applied;

  /** Hears how far each sidecar is. */
  @FunctionalInterface
  interface Applied {
    void applied(InjectedPod pod, long epoch);
  }

  RecordsEndpoint(Authenticator authenticator, RecordLog log, Applied applied) {
    this.authenticator = authenticator;
    this.log = log;
    this.applied = applied;
  }

  @Override
  public Reply handle(Request request) throws ControlException {
    InjectedPod pod = authenticator.authenticateEnding(request.authorization()).pod();
    JsonObject body = request.object(Set.of("boot", "applied", "records"));
    String boot = body.get("boot") instanceof JsonString string ? string.value() : "";
    if (!Boot.isValid(boot)) {
      throw new ControlException(ControlError.MALFORMED, "boot is not 16 lower-case hex digits");
    }
    long epoch = epoch(body.get("applied"));
    List<String> lines = lines(body.get("records"));
    Outcome outcome = append(pod, boot, lines);
    applied.applied(pod, epoch);
    return switch (outcome) {
      case Outcome.Stored stored -> Reply.json(200, acked(stored.acked()));
      case Outcome.Broken broken -> {
        LOG.atWarn()
            .addKeyValue("pod", pod.namespace() + "/" + pod.name())
            .addKeyValue("boot", boot)
            .addKeyValue("cause", broken.reason())
            .log("records don't go on where their boot stopped");
        yield Reply.json(CONFLICT, acked(broken.acked()));
      }
      case Outcome.Foreign _ ->
          throw new ControlException(ControlError.NOT_ALLOWED, "the boot belongs to another pod");
    };
  }

  private Outcome append(InjectedPod pod, String boot, List<String> lines) throws ControlException {
    try {
      return log.append(
          new RecordLog.Sender(pod.uid(), pod.namespace() + "/" + pod.name()), boot, lines);
    } catch (IOException e) {
      LOG.atError().addKeyValue("boot", boot).setCause(e).log("couldn't store records");
      throw new ControlException(ControlError.UNAVAILABLE, "the records could not be stored");
    }
  }

  private static byte[] acked(long seq) {
    return new JsonWriter().beginObject().member("acked", seq).endObject().toBytes();
  }

  private static long epoch(@Nullable JsonValue value) throws ControlException {
    if (value instanceof JsonNumber number
        && number.integer()
        && number.value().signum() >= 0
        && number.value().precision() <= 16) {
      return number.value().longValueExact();
    }
    throw new ControlException(ControlError.MALFORMED, "applied is not a whole number from 0 on");
  }

  private static List<String> lines(@Nullable JsonValue value) throws ControlException {
    List<String> lines = new ArrayList<>();
    if (value instanceof JsonArray array) {
      for (JsonValue item : array.items()) {
        if (!(item instanceof JsonString string) || string.value().indexOf('\n') >= 0) {
          throw new ControlException(ControlError.MALFORMED, "a record is not one line");
        }
        lines.add(string.value());
      }
      return lines;
    }
    throw new ControlException(ControlError.MALFORMED, "records is not an array");
  }
}

package dev.writ.audit;

import dev.writ.contract.ErrorCode;
import dev.writ.contract.MalformedException;
import dev.writ.contract.document.Members;
import dev.writ.contract.json.JsonValue;
import dev.writ.contract.json.StrictJson;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Line to record, strictly: what is not written by {@link RecordWriter} does not parse. */
final class RecordReader {
  private static final long MAX = Long.MAX_VALUE;

  private RecordReader() {}

  static AuditRecord read(String line) throws MalformedException {
    Members members =
        Members.of("record", StrictJson.document(line.getBytes(StandardCharsets.UTF_8)));
    if (members.integer("v", 0, MAX) != RecordWriter.VERSION) {
      throw members.error("v is not " + RecordWriter.VERSION);
    }
    String kind = members.string("kind");
    String boot = members.string("boot");
    if (!Boot.isValid(boot)) {
      throw members.error("boot is not 16 lower-case hex digits");
    }
    long seq = members.integer("seq", 1, MAX);
    String prev = members.string("prev");
    Instant time = time(members);
    String pod = members.string("pod");
    Entry entry =
        switch (kind) {
          case "start" -> start(members, time, pod);
          case "stop" -> new Entry.Stop(time, pod);
          case "call" -> call(members, time, pod);
          case "end" -> end(members, time, pod);
          default -> own(kind, members, time, pod);
        };
    members.end();
    return new AuditRecord(boot, seq, prev, entry);
  }

  private static Entry own(String kind, Members members, Instant time, String pod)
      throws MalformedException {
    Entry own = OperatorRecords.read(kind, members, time, pod);
    if (own == null) {
      throw members.error("unknown kind");
    }
    return own;
  }

  private static Entry start(Members members, Instant time, String pod) throws MalformedException {
    String uid = optional(members, "uid");
    String previousBoot = optional(members, "previousBoot");
    long previousSeq = previousBoot == null ? 0 : members.integer("previousSeq", 0, MAX);
    return new Entry.Start(time, pod, uid, previousBoot, previousSeq);
  }

  private static Entry end(Members members, Instant time, String pod) throws MalformedException {
    return new Entry.End(
        time,
        pod,
        members.integer("of", 1, MAX),
        (int) members.integer("upstreamStatus", 0, 999),
        members.integer("micros", 0, MAX),
        code(members));
  }

  private static Entry call(Members members, Instant time, String pod) throws MalformedException {
    return new Entry.Call(
        time,
        pod,
        members.string("service"),
        word(members, "decision", Entry.Decision.values()),
        code(members),
        word(members, "mode", Entry.Mode.values()),
        optional(members, "action"),
        members.string("method"),
        members.string("target"),
        chain(members),
        optional(members, "proof"),
        optional(members, "bodyDigest"),
        counts(members),
        members.string("peer"),
        optional(members, "parent"),
        optional(members, "trace"),
        members.integer("micros", 0, MAX));
  }

  private static List<Entry.Link> chain(Members members) throws MalformedException {
    List<Entry.Link> chain = new ArrayList<>();
    for (JsonValue item : optionalArray(members, "chain")) {
      Members link = Members.of("record.chain", item);
      chain.add(
          new Entry.Link(
              link.string("sub"), link.string("cid"), link.string("jti"), link.string("jkt")));
      link.end();
    }
    return chain;
  }

  private static List<Entry.Count> counts(Members members) throws MalformedException {
    List<Entry.Count> counts = new ArrayList<>();
    for (JsonValue item : optionalArray(members, "counts")) {
      Members count = Members.of("record.counts", item);
      counts.add(
          new Entry.Count(
              count.string("cid"), count.integer("limit", 0, MAX), count.integer("used", 0, MAX)));
      count.end();
    }
    return counts;
  }

  private static List<JsonValue> optionalArray(Members members, String name)
      throws MalformedException {
    return members.has(name) ? members.array(name) : List.of();
  }

  private static Instant time(Members members) throws MalformedException {
    String text = members.string("time");
    try {
      Instant time = Instant.parse(text);
      if (RecordWriter.TIME.format(time).equals(text)) {
        return time;
      }
    } catch (DateTimeParseException e) {
      throw members.error("time is not RFC 3339 with milliseconds, UTC");
    }
    throw members.error("time is not RFC 3339 with milliseconds, UTC");
  }

  private static @Nullable ErrorCode code(Members members) throws MalformedException {
    if (!members.has("code")) {
      return null;
    }
    return ErrorCode.of(members.string("code")).orElseThrow(() -> members.error("unknown code"));
  }

  static <E extends Enum<E>> E word(Members members, String name, E[] values)
      throws MalformedException {
    String text = members.string(name);
    for (E value : values) {
      if (RecordWriter.word(value).equals(text)) {
        return value;
      }
    }
    throw members.error("unknown " + name);
  }

  private static @Nullable String optional(Members members, String name) throws MalformedException {
    return members.has(name) ? members.string(name) : null;
  }
}

package dev.writ.contract.document;

import dev.writ.contract.MalformedException;
import dev.writ.contract.json.JsonWriter;
import org.jspecify.annotations.Nullable;

/**
 * What a block limits (protocol.md, section 1). A limit that is absent is not there; ancestors'
 * limits hold all the same.
 *
 * @param calls over the life of the capability; null = not counted
 * @param rate calls per period; null = none
 * @param concurrentPerReplica calls at the same time at one replica; null = none
 */
public record Limits(
    @Nullable Long calls, @Nullable Rate rate, @Nullable Integer concurrentPerReplica) {
  /** No limit at all. */
  public static final Limits NONE = new Limits(null, null, null);

  /**
   * Calls in each period.
   *
   * @param calls at most, in one period
   * @param seconds length of the period, at least 1
   */
  public record Rate(long calls, long seconds) {}

  static Limits read(Members limits) throws MalformedException {
    Long calls = limits.has("calls") ? limits.integer("calls", 0, Members.MAX) : null;
    Rate rate = null;
    if (limits.has("rate")) {
      Members members = limits.object("rate");
      rate =
          new Rate(
              members.integer("calls", 0, Members.MAX), members.integer("seconds", 1, Members.MAX));
      members.end();
    }
    Integer concurrent = null;
    if (limits.has("concurrent_per_replica")) {
      concurrent = (int) limits.integer("concurrent_per_replica", 0, Integer.MAX_VALUE);
    }
    limits.end();
    return new Limits(calls, rate, concurrent);
  }

  /** Writes {@code "limits":{...}}, or nothing when there is none. */
  void write(JsonWriter json) {
    if (equals(NONE)) {
      return;
    }
    json.name("limits").beginObject();
    if (calls != null) {
      json.member("calls", calls);
    }
    if (rate != null) {
      json.name("rate")
          .beginObject()
          .member("calls", rate.calls())
          .member("seconds", rate.seconds())
          .endObject();
    }
    if (concurrentPerReplica != null) {
      json.member("concurrent_per_replica", concurrentPerReplica);
    }
    json.endObject();
  }
}

package dev.writ.contract.quota;

import dev.writ.contract.MalformedException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What one boot of a gate tells and asks: totals since its start, which only ever rise. Sent twice,
 * late or out of order it changes nothing, since the ledger takes the maximum. (quota.md, Totals)
 *
 * @param boot 16 lower-case hex digits
 * @param items one per counted path; at most {@link #MAX_ITEMS}, no path twice
 * @param rates one per path with a rate; at most {@link #MAX_ITEMS}, no path twice
 * @param closing what is said of boots that ended; null for nothing
 */
public record AllowanceRequest(
    String boot, List<Item> items, List<Rate> rates, @Nullable Closing closing) {
  /** Most items and most rates of one request. */
  public static final int MAX_ITEMS = 256;

  /** Most boots and most counters in one {@link Closing}. */
  public static final int MAX_CLOSING = 4096;

  /** Most bytes of {@link #json}, with room to spare. */
  public static final int MAX_BYTES = 2 * 1024 * 1024;

  /** Checks and copies. */
  public AllowanceRequest {
    items = List.copyOf(items);
    rates = List.copyOf(rates);
    if (items.size() > MAX_ITEMS || rates.size() > MAX_ITEMS) {
      throw new IllegalArgumentException("more than " + MAX_ITEMS + " items or rates");
    }
  }

  /**
   * Totals of one counted path.
   *
   * @param path see {@link CounterPath}
   * @param limit of that block as its contract says; the ledger looks at it for delegations alone
   * @param need how much the boot wishes to have been granted in all since its start
   * @param returned given back since its start; raised at the gate before this was sent
   * @param spent admitted since its start
   * @param leaf whether there are chains whose last counted block this is; else it is wished for
   *     along with a descendant alone, and granted with one or not at all
   */
  public record Item(String path, long limit, long need, long returned, long spent, boolean leaf) {}

  /**
   * A wish for calls of a rate.
   *
   * @param path see {@link CounterPath}
   * @param calls in each window
   * @param seconds length of a window
   * @param window start of the window that {@code need} is about, epoch seconds on the leader's
   *     clock; 0 while the gate knows of none
   * @param need how much the boot wishes to have been granted in all in that window; with {@code
   *     window} 0 in the leader's present one
   */
  public record Rate(String path, long calls, long seconds, long window, long need) {}

  /**
   * What became of boots of the same pod. (quota.md, Crashes)
   *
   * @param settled boots that ended, with their final counters; the sending boot itself when it is
   *     about to end
   * @param known every boot of this pod that is settled here or in another request, or may be
   *     alive; all others of the pod are lost. Null says nothing about others
   */
  public record Closing(List<Settled> settled, @Nullable List<String> known) {
    /** Copies. */
    public Closing {
      settled = List.copyOf(settled);
      known = known == null ? null : List.copyOf(known);
    }
  }

  /**
   * A boot that ended.
   *
   * @param boot 16 lower-case hex digits
   * @param counters every counter of its file, those at zero too; or those of some roots, then
   *     every one of these roots
   */
  public record Settled(String boot, List<Counter> counters) {
    /** Copies. */
    public Settled {
      counters = List.copyOf(counters);
    }
  }

  /** The final value of one counter. */
  public record Counter(CounterName name, long spent) {}

  /**
   * Reads a request, strictly.
   *
   * @throws MalformedException when it is not exactly one
   */
  public static AllowanceRequest parse(byte[] utf8) throws MalformedException {
    return AllowanceJson.request(utf8);
  }

  /** The request as it is sent. */
  public String json() {
    return AllowanceJson.write(this);
  }

  /** {@link #json} as UTF-8. */
  public byte[] bytes() {
    return json().getBytes(StandardCharsets.UTF_8);
  }
}

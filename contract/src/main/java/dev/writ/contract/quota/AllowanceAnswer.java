package dev.writ.contract.quota;

import dev.writ.contract.MalformedException;
import java.util.List;

/**
 * What the ledger answers to an {@link AllowanceRequest}. What it does not answer for (a ledger
 * behind its log, one that could not be written) is not listed: the gate goes on with what it has.
 *
 * @param items one per path that was served
 * @param rates one per path with a rate that was served
 * @param closed boots whose settlement is durable in every ledger that the request named for them:
 *     their files may go
 */
public record AllowanceAnswer(List<Item> items, List<Rate> rates, List<String> closed) {
  /** Copies. */
  public AllowanceAnswer {
    items = List.copyOf(items);
    rates = List.copyOf(rates);
    closed = List.copyOf(closed);
  }

  /**
   * Totals of one counted path.
   *
   * @param path as in the request
   * @param granted to this boot since its start
   * @param exhausted whether the spent totals have reached the limit: final for this generation
   *     ({@code final} on the wire)
   * @param limit in force
   * @param others used by all other boots as far as the ledger knows, settled ones included
   */
  public record Item(String path, long granted, boolean exhausted, long limit, long others) {}

  /**
   * A right in one window.
   *
   * @param path as in the request
   * @param window start, epoch seconds on the leader's clock
   * @param granted to this boot in that window
   * @param remainingMillis until the window ends on the leader's clock; the gate counts from the
   *     moment it sent its request
   * @param state of the window
   */
  public record Rate(
      String path, long window, long granted, long remainingMillis, WindowState state) {}

  /** What a window has left. */
  public enum WindowState {
    /** There may be more. */
    OPEN,
    /** All calls of the window are granted. */
    FULL,
    /** Another leader claimed it: nobody is served before the next one. */
    CLAIMED
  }

  /**
   * Reads an answer, strictly.
   *
   * @throws MalformedException when it is not exactly one
   */
  public static AllowanceAnswer parse(byte[] utf8) throws MalformedException {
    return AllowanceJson.answer(utf8);
  }

  /** The answer as it is sent. */
  public String json() {
    return AllowanceJson.write(this);
  }
}

package dev.writ.sidecar.scan;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.util.ArrayDeque;
import java.util.BitSet;
import java.util.Iterator;
import java.util.function.LongSupplier;

/**
 * Connects to many ports of one address at a time, and waits for none of them long. Sends nothing.
 * Not thread-safe.
 */
final class Sweep implements AutoCloseable {
  /** Two tries of the kernel: what was lost once is sent again after a second. */
  static final long SILENT_NANOS = 2_000_000_000;

  private static final int IN_FLIGHT = 8_192;
  private static final int SELECT_MILLIS = 5;

  private final Selector selector;
  private final Pace pace;
  private final LongSupplier nanos;
  private final long silentNanos;
  private final ArrayDeque<Attempt> flying = new ArrayDeque<>();
  private int most = IN_FLIGHT;
  private int pending;

  /**
   * Opens what it needs.
   *
   * @param silentNanos after which a port counts as silent
   */
  Sweep(Pace pace, LongSupplier nanos, long silentNanos) throws IOException {
    this.selector = Selector.open();
    this.pace = pace;
    this.nanos = nanos;
    this.silentNanos = silentNanos;
  }

  /**
   * What came of some ports.
   *
   * @param open took a connection
   * @param refused refused it, or something on the way did
   * @param silent did not answer
   */
  record Outcome(BitSet open, BitSet refused, BitSet silent) {
    Outcome() {
      this(new BitSet(), new BitSet(), new BitSet());
    }
  }

  private static final class Attempt {
    private final SocketChannel channel;
    private final int port;
    private final long begun;
    private boolean ended;

    Attempt(SocketChannel channel, int port, long begun) {
      this.channel = channel;
      this.port = port;
      this.begun = begun;
    }
  }

  /**
   * Tries each of the ports once.
   *
   * @throws IOException when this machine can't: then nothing is known of any port
   */
  Outcome over(InetAddress address, BitSet ports) throws IOException {
    Outcome outcome = new Outcome();
    int next = ports.nextSetBit(0);
    while (next >= 0 || pending > 0) {
      long now = nanos.getAsLong();
      while (next >= 0 && pending < most && pace.take(now)) {
        if (!begin(new InetSocketAddress(address, next), now, outcome)) {
          break;
        }
        next = ports.nextSetBit(next + 1);
      }
      selector.select(SELECT_MILLIS);
      answered(outcome);
      giveUp(nanos.getAsLong(), outcome);
    }
    // The selector lets go of closed channels only when asked again.
    selector.selectNow();
    return outcome;
  }

  /** Whether the port is being tried, or was at once; not, when too many are. */
  private boolean begin(InetSocketAddress target, long now, Outcome outcome) throws IOException {
    SocketChannel channel;
    try {
      channel = SocketChannel.open();
    } catch (IOException e) {
      // Out of descriptors: fewer at a time.
      if (pending == 0) {
        throw e;
      }
      most = Math.max(1, pending / 2);
      return false;
    }
    try {
      channel.configureBlocking(false);
      // Ends with a reset: thousands of open ports would leave as many connections waiting here.
      channel.setOption(StandardSocketOptions.SO_LINGER, 0);
      if (channel.connect(target)) {
        outcome.open.set(target.getPort());
        channel.close();
        pace.answered();
        return true;
      }
      Attempt attempt = new Attempt(channel, target.getPort(), now);
      channel.register(selector, SelectionKey.OP_CONNECT, attempt);
      flying.add(attempt);
      pending++;
    } catch (IOException _) {
      channel.close();
      outcome.refused.set(target.getPort());
      pace.answered();
    }
    return true;
  }

  private void answered(Outcome outcome) throws IOException {
    for (Iterator<SelectionKey> keys = selector.selectedKeys().iterator(); keys.hasNext(); ) {
      SelectionKey key = keys.next();
      keys.remove();
      if (!key.isValid() || !(key.attachment() instanceof Attempt attempt)) {
        continue;
      }
      BitSet where;
      try {
        where = attempt.channel.finishConnect() ? outcome.open : null;
      } catch (IOException _) {
        where = outcome.refused;
      }
      if (where != null) {
        pace.answered();
        end(attempt, where);
      }
    }
  }

  /** In the order in which they were begun. */
  private void giveUp(long now, Outcome outcome) throws IOException {
    Attempt oldest = flying.peek();
    while (oldest != null && (oldest.ended || now - oldest.begun >= silentNanos)) {
      flying.remove();
      if (!oldest.ended) {
        end(oldest, outcome.silent);
      }
      oldest = flying.peek();
    }
  }

  private void end(Attempt attempt, BitSet where) throws IOException {
    attempt.ended = true;
    pending--;
    where.set(attempt.port);
    attempt.channel.close();
  }

  @Override
  public void close() throws IOException {
    for (Attempt attempt : flying) {
      attempt.channel.close();
    }
    selector.close();
  }
}

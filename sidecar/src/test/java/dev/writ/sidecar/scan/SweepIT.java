package dev.writ.sidecar.scan;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SweepIT {
  private final List<AutoCloseable> opened = new ArrayList<>();

  @AfterEach
  void close() throws Exception {
    for (AutoCloseable one : opened) {
      one.close();
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"127.0.7.1", "::1"})
  void openRefusedAndSilentPortsAreToldApart(String text) throws Exception {
    // Given
    InetAddress address = InetAddress.ofLiteral(text);
    int open = listening(address, 50).getLocalPort();
    int silent = full(address);
    ServerSocket gone = listening(address, 50);
    int refused = gone.getLocalPort();
    gone.close();
    BitSet ports = new BitSet();
    ports.set(open);
    ports.set(silent);
    ports.set(refused);
    // When
    Sweep.Outcome outcome;
    try (Sweep sweep = sweep()) {
      outcome = sweep.over(address, ports);
    }
    // Then
    assertThat(outcome.open().stream()).containsExactly(open);
    assertThat(outcome.refused().stream()).containsExactly(refused);
    assertThat(outcome.silent().stream()).containsExactly(silent);
  }

  @Test
  void aSweepCanBeUsedAgain() throws Exception {
    // Given
    InetAddress address = InetAddress.ofLiteral("127.0.7.2");
    int silent = full(address);
    BitSet ports = new BitSet();
    ports.set(silent);
    // When
    try (Sweep sweep = sweep()) {
      for (int round = 0; round < 3; round++) {
        Sweep.Outcome outcome = sweep.over(address, ports);
        // Then
        assertThat(outcome.silent()).isEqualTo(ports);
      }
    }
  }

  private static Sweep sweep() throws Exception {
    return new Sweep(
        new Pace(10_000, System.nanoTime()), System::nanoTime, TimeUnit.MILLISECONDS.toNanos(500));
  }

  private ServerSocket listening(InetAddress address, int backlog) throws Exception {
    ServerSocket server = new ServerSocket();
    opened.add(server);
    server.bind(new InetSocketAddress(address, 0), backlog);
    return server;
  }

  /** The kernel drops what comes to a listener that takes nobody in any more. */
  private int full(InetAddress address) throws Exception {
    ServerSocket server = listening(address, 1);
    while (true) {
      Socket one = new Socket();
      opened.add(one);
      try {
        one.connect(server.getLocalSocketAddress(), 300);
      } catch (java.net.SocketTimeoutException e) {
        return server.getLocalPort();
      }
    }
  }
}

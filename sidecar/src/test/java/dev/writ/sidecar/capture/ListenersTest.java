package dev.writ.sidecar.capture;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** On the tables of a kernel, written down. */
final class ListenersTest {
  private static final String HEAD =
      "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout"
          + " inode\n";

  @TempDir Path proc;
  private Sentinel sentinel;

  @BeforeEach
  void emptyTables() throws IOException {
    Files.createDirectories(proc.resolve("net"));
    Files.createDirectories(proc.resolve("self/fd"));
    Files.createDirectories(proc.resolve("sys/net/ipv4"));
    Files.writeString(proc.resolve("sys/net/ipv4/ip_local_port_range"), "32768\t60999\n");
    for (String table : new String[] {"tcp", "tcp6", "udp", "udp6"}) {
      write(table);
    }
    sentinel = new Sentinel(proc);
  }

  @Test
  void whoListensOnLoopbackOrIsOurselvesIsNoDanger() throws IOException {
    // Given
    Files.createSymbolicLink(proc.resolve("self/fd/7"), Path.of("socket:[100]"));
    write("tcp", row("0100007F:1F90", "0A", 1), row("0500F40A:1F90", "0A", 100));
    write("tcp6", row("00000000000000000000000001000000:1F90", "0A", 2));
    write("tcp6", row("0000000000000000FFFF00000100007F:2328", "0A", 3));
    // When
    sentinel.look();
    // Then
    assertThat(sentinel.exposed()).isNull();
  }

  @Test
  void listenersOfOthersAreFoundInBothFamilies() throws IOException {
    // Given
    write("tcp", row("00000000:270F", "0A", 1), row("0500F40A:9C40", "01", 2));
    write(
        "tcp6",
        row("00000000000000000000000000000000:2710", "0A", 3),
        row("000080FE000000000000000001000000:2711", "0A", 4));
    // When
    sentinel.look();
    // Then
    assertThat(sentinel.foreign())
        .containsExactly(
            "tcp 0.0.0.0:9999", "tcp [0:0:0:0:0:0:0:0]:10000", "tcp [fe80:0:0:0:0:0:0:1]:10001");
    assertThat(sentinel.exposed()).contains("tcp 0.0.0.0:9999").contains("127.0.0.1");
  }

  @Test
  void aDatagramSocketCountsWhenItServesAndNotWhenItAsks() throws IOException {
    // Given
    write("udp", row("00000000:14E9", "07", 1), row("00000000:C350", "07", 2));
    write("udp6", row("00000000000000000000000000000000:14EA", "01", 3));
    // When
    sentinel.look();
    // Then
    assertThat(sentinel.foreign()).containsExactly("udp 0.0.0.0:5353");
  }

  @Test
  void anAppThatMovesToLoopbackIsServedAgain() throws IOException {
    // Given
    write("tcp", row("00000000:270F", "0A", 1));
    sentinel.look();
    assertThat(sentinel.exposed()).isNotNull();
    // When
    write("tcp", row("0100007F:270F", "0A", 1));
    sentinel.look();
    // Then
    assertThat(sentinel.exposed()).isNull();
  }

  @Test
  void aPodWithoutIpv6HasNoTableOfIt() throws IOException {
    // Given
    Files.delete(proc.resolve("net/tcp6"));
    Files.delete(proc.resolve("net/udp6"));
    // When
    sentinel.look();
    // Then
    assertThat(sentinel.exposed()).isNull();
  }

  @Test
  void whatCannotBeReadCountsAsExposed() throws IOException {
    // Given
    Files.delete(proc.resolve("sys/net/ipv4/ip_local_port_range"));
    // When
    sentinel.look();
    // Then
    assertThat(sentinel.exposed()).contains("for all that can be known");
    // And
    write("tcp", "nonsense\n");
    assertThatThrownBy(() -> new Listeners(proc).foreign()).isInstanceOf(IOException.class);
  }

  private void write(String table, String... rows) throws IOException {
    Files.writeString(proc.resolve("net").resolve(table), HEAD + String.join("", rows));
  }

  private static String row(String local, String state, int inode) {
    return "   0: %s 00000000:0000 %s 00000000:00000000 00:00000000 00000000     0        0 %d 1 0000000000000000 100 0 0 10 0\n"
        .formatted(local, state, inode);
  }
}

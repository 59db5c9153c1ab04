package dev.writ.operator.control;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.net.UnknownHostException;
import org.junit.jupiter.api.Test;

class NamelessCallersTest {
  @Test
  void nobodyIsAskedWhoseAnAddressIs() throws UnknownHostException {
    // Given an address that every machine has a name for
    InetAddress caller = InetAddress.getByAddress(new byte[] {127, 0, 0, 1});
    // When
    String name = caller.getHostName();
    // Then
    assertThat(name).isEqualTo("127.0.0.1");
  }

  @Test
  void namesAreLookedUpAsEver() throws UnknownHostException {
    // When
    InetAddress[] found = InetAddress.getAllByName("localhost");
    // Then
    assertThat(found).allMatch(InetAddress::isLoopbackAddress).isNotEmpty();
  }
}

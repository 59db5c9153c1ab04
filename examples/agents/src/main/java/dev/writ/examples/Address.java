package dev.writ.examples;

import java.net.InetSocketAddress;

/** Where an agent listens. Behind a gate this is a loopback address: the gate has the outer one. */
record Address(String host, int port) {
  InetSocketAddress socket() {
    return new InetSocketAddress(host, port);
  }
}

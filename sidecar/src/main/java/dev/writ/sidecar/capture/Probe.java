package dev.writ.sidecar.capture;

import java.util.List;

/**
 * One probe or lifecycle hook of the app, as the pod's author wrote it. (injection.md, Probes)
 *
 * @param path what the kubelet asks for here, {@code /<container>/<field>}
 * @param port of the app
 * @param seconds how long the app may take; 0: as long as it likes, and this is a hook
 * @param question what the app is asked
 */
public record Probe(String path, int port, int seconds, Question question) {
  /** What the app is asked. */
  public sealed interface Question {
    /**
     * {@code httpGet}: a status from 200 to 399 is success.
     *
     * @param tls without a look at the certificate, as the kubelet does it
     * @param target path and query
     */
    record Http(boolean tls, String target, List<Header> headers) implements Question {
      /** Copies. */
      public Http {
        headers = List.copyOf(headers);
      }
    }

    /** {@code tcpSocket}: that the port is open is success. */
    record Tcp() implements Question {}

    /**
     * {@code grpc}: health of a service, empty for the whole server.
     *
     * @param service name of at most 127 bytes
     */
    record Grpc(String service) implements Question {}
  }

  /** One request header. */
  public record Header(String name, String value) {}

  /** Whether this is a lifecycle hook: nobody looks at its status. */
  boolean hook() {
    return seconds == 0;
  }
}

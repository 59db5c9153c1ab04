package dev.writ.sidecar.outbound;

import io.vertx.core.Vertx;
import io.vertx.core.net.NetClient;
import io.vertx.core.net.NetServer;
import io.vertx.core.net.NetSocket;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;

/** What a ClusterIP does: each new connection goes to the next replica that is there. */
final class TestBalancer implements AutoCloseable {
  /** Held: Vert.x closes a client, and its connections, that nobody refers to. */
  private final NetClient client;

  private volatile List<TestReplica> replicas;
  private final AtomicInteger next = new AtomicInteger();
  private final NetServer server;

  TestBalancer(Vertx vertx, List<TestReplica> replicas) {
    this.client = vertx.createNetClient();
    this.replicas = replicas;
    this.server =
        vertx
            .createNetServer()
            .connectHandler(socket -> connect(socket, replicas.size()))
            .listen(0, "127.0.0.1")
            .await();
  }

  int port() {
    return server.actualPort();
  }

  /** New connections go to this one; those that are open stay. */
  void only(TestReplica replica) {
    replicas = List.of(replica);
  }

  private void connect(NetSocket socket, int tries) {
    socket.pause();
    if (tries == 0) {
      socket.close();
      return;
    }
    List<TestReplica> now = replicas;
    TestReplica replica = now.get(Math.floorMod(next.getAndIncrement(), now.size()));
    client
        .connect(replica.port(), "127.0.0.1")
        .onSuccess(
            there -> {
              there.closeHandler(_ -> socket.close());
              socket.closeHandler(_ -> there.close());
              socket.pipeTo(there);
              there.pipeTo(socket);
            })
        .onFailure(_ -> connect(socket, tries - 1));
  }

  @Override
  public void close() {
    server.close().await();
  }
}

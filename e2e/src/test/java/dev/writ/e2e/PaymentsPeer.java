package dev.writ.e2e;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.grpc.MethodDescriptor;
import io.grpc.MethodDescriptor.MethodType;
import io.grpc.Server;
import io.grpc.ServerCall;
import io.grpc.ServerInterceptor;
import io.grpc.ServerInterceptors;
import io.grpc.ServerServiceDefinition;
import io.grpc.Status;
import io.grpc.netty.shaded.io.grpc.netty.NettyServerBuilder;
import io.grpc.stub.ServerCalls;
import io.grpc.stub.StreamObserver;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/** A server of grpc-java, without generated code: messages are text. */
final class PaymentsPeer implements AutoCloseable {
  static final MethodDescriptor<String, String> TRANSFER = method("Transfer", MethodType.UNARY);
  static final MethodDescriptor<String, String> MISSING = method("Missing", MethodType.UNARY);
  static final MethodDescriptor<String, String> CLOSE = method("Close", MethodType.UNARY);
  static final MethodDescriptor<String, String> WATCH =
      method("Watch", MethodType.SERVER_STREAMING);
  static final MethodDescriptor<String, String> CHAT = method("Chat", MethodType.BIDI_STREAMING);

  /** Methods that were called. */
  final List<String> seen = new CopyOnWriteArrayList<>();

  private final Server server;

  PaymentsPeer(int port) throws IOException {
    ServerServiceDefinition service =
        ServerServiceDefinition.builder("bank.v1.Payments")
            .addMethod(TRANSFER, ServerCalls.asyncUnaryCall(PaymentsPeer::echo))
            .addMethod(CLOSE, ServerCalls.asyncUnaryCall(PaymentsPeer::echo))
            .addMethod(
                MISSING,
                ServerCalls.asyncUnaryCall(
                    (String _, StreamObserver<String> to) ->
                        to.onError(
                            Status.NOT_FOUND
                                .withDescription("no such account")
                                .asRuntimeException())))
            .addMethod(WATCH, ServerCalls.asyncServerStreamingCall(PaymentsPeer::three))
            .addMethod(CHAT, ServerCalls.asyncBidiStreamingCall(PaymentsPeer::chat))
            .build();
    server =
        NettyServerBuilder.forAddress(new InetSocketAddress(InetAddress.getLoopbackAddress(), port))
            .addService(ServerInterceptors.intercept(service, remember()))
            .build()
            .start();
  }

  private ServerInterceptor remember() {
    return new ServerInterceptor() {
      @Override
      public <Q, A> ServerCall.Listener<Q> interceptCall(
          ServerCall<Q, A> call, io.grpc.Metadata headers, io.grpc.ServerCallHandler<Q, A> next) {
        seen.add(call.getMethodDescriptor().getBareMethodName());
        return next.startCall(call, headers);
      }
    };
  }

  private static void echo(String text, StreamObserver<String> to) {
    to.onNext("paid " + text);
    to.onCompleted();
  }

  private static void three(String text, StreamObserver<String> to) {
    for (int i = 1; i <= 3; i++) {
      to.onNext(text + i);
    }
    to.onCompleted();
  }

  private static StreamObserver<String> chat(StreamObserver<String> to) {
    return new StreamObserver<>() {
      @Override
      public void onNext(String text) {
        to.onNext("re:" + text);
      }

      @Override
      public void onError(Throwable cause) {
        // The caller is gone.
      }

      @Override
      public void onCompleted() {
        to.onCompleted();
      }
    };
  }

  private static MethodDescriptor<String, String> method(String name, MethodType type) {
    Text text = new Text();
    return MethodDescriptor.<String, String>newBuilder(text, text)
        .setType(type)
        .setFullMethodName(MethodDescriptor.generateFullMethodName("bank.v1.Payments", name))
        .build();
  }

  private static final class Text implements MethodDescriptor.Marshaller<String> {
    @Override
    public InputStream stream(String value) {
      return new ByteArrayInputStream(value.getBytes(UTF_8));
    }

    @Override
    public String parse(InputStream stream) {
      try {
        return new String(stream.readAllBytes(), UTF_8);
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }

  @Override
  public void close() {
    server.shutdownNow();
  }
}

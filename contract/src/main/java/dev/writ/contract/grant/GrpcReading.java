package dev.writ.contract.grant;

import dev.writ.contract.ErrorCode;
import dev.writ.contract.MalformedException;
import dev.writ.contract.document.Constraint;
import dev.writ.contract.document.Match;
import dev.writ.contract.document.Match.GrpcMatch;
import dev.writ.contract.verify.RequestHead;
import dev.writ.contract.verify.Target;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * gRPC: the action is the path, as it is written. What stands in messages needs their descriptors
 * and is not looked at (actions.md, Rules). How many there are is: one call is one message, where
 * the rule does not say that it may stream.
 */
final class GrpcReading implements Reading {
  private static final int PREFIX = 5;
  private static final int COMPRESSED = 1;

  private final String service;
  private final String method;
  private final boolean streams;

  private GrpcReading(String service, String method, boolean streams) {
    this.service = service;
    this.method = method;
    this.streams = streams;
  }

  /**
   * How a call is read.
   *
   * @param body null for the opening of a stream, of which no proof covers more
   */
  static Reading of(RequestHead head, byte @Nullable [] body)
      throws GrantException, MalformedException {
    if (Content.field(head, "upgrade") != null || !head.method().equals("POST")) {
      throw new GrantException(ErrorCode.ACTION_NOT_GRANTED, "method");
    }
    if (!isGrpc(head)) {
      throw new GrantException(ErrorCode.UNSUPPORTED_MEDIA_TYPE, "Content-Type");
    }
    Target target = Target.parse(head.target());
    // As written: a server compares the bytes, so an encoded name is another one.
    String path = head.target();
    int slash = path.indexOf('/', 1);
    if (target.query() != null
        || slash <= 1
        || slash == path.length() - 1
        || path.indexOf('/', slash + 1) >= 0
        || path.indexOf('%') >= 0) {
      throw new GrantException(ErrorCode.ACTION_NOT_GRANTED, "not a gRPC method");
    }
    boolean streams = body == null || messages(body) > 1;
    return new GrpcReading(path.substring(1, slash), path.substring(slash + 1), streams);
  }

  /** How many messages, each whole behind its prefix: flag and length. */
  private static int messages(byte[] body) throws GrantException {
    ByteBuffer left = ByteBuffer.wrap(body);
    int count = 0;
    while (left.hasRemaining()) {
      if (left.remaining() < PREFIX || (left.get() & ~COMPRESSED) != 0) {
        throw GrantException.malformed("gRPC: no prefix of a message");
      }
      int length = left.getInt();
      if (length < 0 || length > left.remaining()) {
        throw GrantException.malformed("gRPC: a message that is not whole");
      }
      left.position(left.position() + length);
      count++;
    }
    return count;
  }

  /** Whether the media type is that of gRPC over HTTP/2. */
  static boolean isGrpc(RequestHead head) {
    String type = Content.field(head, "content-type");
    if (type == null) {
      return false;
    }
    String bare = type.toLowerCase(Locale.ROOT).split(";", -1)[0].strip();
    return bare.equals("application/grpc") || bare.startsWith("application/grpc+");
  }

  @Override
  public Dialect dialect() {
    return new Dialect.Grpc();
  }

  @Override
  public boolean isBase() {
    return false;
  }

  @Override
  public @Nullable Verdict differs(Match match) {
    if (!(match instanceof GrpcMatch grpc)) {
      return new Verdict.OtherProtocol();
    }
    if (!grpc.service().equals(service)) {
      return new Verdict.Differs(0, "service");
    }
    if (!grpc.methods().contains(method)) {
      return new Verdict.Differs(1, "method");
    }
    return !streams || grpc.streaming() ? null : new Verdict.Differs(2, "streaming");
  }

  @Override
  public void check(Match match, List<Constraint> constraints) throws GrantException {
    for (Constraint constraint : constraints) {
      if (constraint.readsBody()) {
        throw new GrantException(
            ErrorCode.ARGUMENT_NOT_ALLOWED, "gRPC messages are not read", constraint);
      }
    }
    try {
      new Arguments(null, Query.parse(null), Map.of()).check(constraints);
    } catch (MalformedException e) {
      throw new IllegalStateException("no query is well-formed", e);
    }
  }
}

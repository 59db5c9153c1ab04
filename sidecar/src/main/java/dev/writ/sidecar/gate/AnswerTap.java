package dev.writ.sidecar.gate;

import dev.writ.contract.grant.TaskIds;
import io.vertx.core.MultiMap;
import io.vertx.core.buffer.Buffer;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Looks for the task that an answer names, while the answer passes: before the caller has the last
 * byte that it could know the task by, the task is known here. Holds nothing back. Lives on one
 * event loop.
 */
final class AnswerTap {
  private static final int MAX = 1 << 20;
  private static final int PREFIX = 5;

  private enum Form {
    JSON,
    EVENTS,
    GRPC,
    NONE
  }

  private final Consumer<String> found;
  private final Form form;
  private final long length;
  private Buffer held = Buffer.buffer();
  private boolean done;

  /**
   * For one answer.
   *
   * @param found told the task
   */
  AnswerTap(MultiMap headers, Consumer<String> found) {
    this.found = found;
    this.form = form(headers.get("content-type"));
    String length = headers.get("content-length");
    this.length = length == null ? -1 : Long.parseLong(length);
  }

  private static Form form(@Nullable String type) {
    String bare = type == null ? "" : type.toLowerCase(Locale.ROOT).split(";", -1)[0].strip();
    if (bare.equals("text/event-stream")) {
      return Form.EVENTS;
    }
    if (bare.startsWith("application/grpc")) {
      return Form.GRPC;
    }
    return bare.endsWith("json") ? Form.JSON : Form.NONE;
  }

  /** A part of the answer, before it goes on. */
  void part(Buffer part) {
    if (done || form == Form.NONE) {
      return;
    }
    held.appendBuffer(part);
    switch (form) {
      case JSON -> {
        if (held.length() == length) {
          ended();
        }
      }
      case EVENTS -> events();
      case GRPC -> messages();
      case NONE -> {}
    }
    if (held.length() > MAX) {
      done = true;
      held = Buffer.buffer();
    }
  }

  /** Bytes that wait for the rest of what they belong to. */
  long held() {
    return held.length();
  }

  /** The answer is whole; its end was not passed on yet. */
  void ended() {
    if (!done && form == Form.JSON) {
      look(TaskIds.inJson(held.getBytes()));
    }
    done = true;
  }

  /** Whole events are read and dropped, the begun one is kept. */
  private void events() {
    String text = held.toString(StandardCharsets.UTF_8).replace("\r\n", "\n");
    int end = text.lastIndexOf("\n\n");
    if (end < 0) {
      return;
    }
    for (String event : text.substring(0, end).split("\n\n", -1)) {
      StringBuilder data = new StringBuilder();
      event
          .lines()
          .filter(line -> line.startsWith("data:"))
          .forEach(line -> data.append(line.substring("data:".length())).append('\n'));
      look(TaskIds.inJson(data.toString().getBytes(StandardCharsets.UTF_8)));
    }
    held = Buffer.buffer(text.substring(end + 2));
  }

  private void messages() {
    int at = 0;
    while (!done && held.length() - at >= PREFIX) {
      long size = held.getUnsignedInt(at + 1);
      if (held.length() - at - PREFIX < size) {
        break;
      }
      int end = at + PREFIX + (int) size;
      look(TaskIds.inProtobuf(held.getBytes(at + PREFIX, end)));
      at = end;
    }
    held = held.getBuffer(at, held.length());
  }

  private void look(@Nullable String task) {
    if (task != null && !done) {
      done = true;
      found.accept(task);
    }
  }
}

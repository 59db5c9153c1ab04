package dev.writ.examples;

import com.sun.net.httpserver.HttpExchange;
import java.io.IOException;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Pays in two languages: a tool of the Model Context Protocol at one port, a skill of A2A at
 * another. It does whatever it is asked to, and relies on the gate in front of it.
 */
final class Teller {
  private static final String TOOLS =
      "{\"tools\":[{\"name\":\"transfer\",\"description\":\"Pays\",\"inputSchema\":"
          + "{\"type\":\"object\",\"properties\":{\"amount\":{\"type\":\"number\"}}}},"
          + "{\"name\":\"close_account\",\"description\":\"Closes an account\","
          + "\"inputSchema\":{\"type\":\"object\"}}]}";

  private final AtomicLong transfers = new AtomicLong();
  private final Map<String, String> tasks = new ConcurrentHashMap<>();

  void serve(Address tools, Address messages) throws IOException {
    new Server(this::tool).serve(tools);
    new Server(this::message).serve(messages);
  }

  private Server.Reply tool(HttpExchange exchange, String body) {
    String method = text(body, "method");
    return switch (method) {
      case "initialize" ->
          result(
              body,
              "{\"protocolVersion\":\"2025-11-25\",\"capabilities\":{\"tools\":{}},"
                  + "\"serverInfo\":{\"name\":\"teller\",\"version\":\"1\"}}");
      case "tools/list" -> result(body, TOOLS);
      case "tools/call" ->
          result(
              body,
              "{\"content\":[{\"type\":\"text\",\"text\":\"transfer "
                  + transfers.incrementAndGet()
                  + "\"}]}");
      default -> new Server.Reply(method.startsWith("notifications/") ? 202 : 404, "{}");
    };
  }

  private Server.Reply message(HttpExchange exchange, String body) {
    if (exchange.getRequestURI().getPath().equals("/.well-known/agent-card.json")) {
      return new Server.Reply(
          200,
          "{\"name\":\"teller\",\"version\":\"1\",\"supportedInterfaces\":[{\"url\":\"/\","
              + "\"protocolBinding\":\"JSONRPC\",\"protocolVersion\":\"1.0\"}],"
              + "\"skills\":[{\"id\":\"transfer\",\"name\":\"transfer\",\"tags\":[]}]}");
    }
    return switch (text(body, "method")) {
      case "SendMessage" -> {
        transfers.incrementAndGet();
        String id = UUID.randomUUID().toString();
        String task = "{\"id\":\"" + id + "\",\"status\":{\"state\":\"TASK_STATE_COMPLETED\"}}";
        tasks.put(id, task);
        yield result(body, "{\"task\":" + task + "}");
      }
      case "GetTask" -> result(body, tasks.getOrDefault(text(params(body), "id"), "{}"));
      default -> Server.Reply.notFound();
    };
  }

  private static Server.Reply result(String body, String result) {
    Matcher id = Pattern.compile("\"id\":([0-9]+)").matcher(body);
    return new Server.Reply(
        200,
        "{\"jsonrpc\":\"2.0\",\"id\":"
            + (id.find() ? id.group(1) : "null")
            + ",\"result\":"
            + result
            + "}");
  }

  private static String params(String body) {
    return body.substring(body.indexOf("\"params\"") + 1);
  }

  private static String text(String body, String name) {
    Matcher member = Pattern.compile("\"" + name + "\":\"([^\"]*)\"").matcher(body);
    return member.find() ? member.group(1) : "";
  }
}

package dev.writ.examples;

import java.io.IOException;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Has two ways to the teller: its tools, and messages to it. It tries what it may do and what it
 * may not in both.
 */
final class Assistant {
  private static final Pattern TASK = Pattern.compile("\"task\":\\{\"id\":\"([^\"]*)\"");

  private final Rpc tools;
  private final Rpc messages;
  private final Http http;
  private final String card;

  Assistant(Map<String, String> environment) {
    http = new Http(environment);
    String host = environment.getOrDefault("TELLER_HOST", "teller.bank");
    tools = new Rpc(http, "http://" + host + ":8080/mcp");
    messages = new Rpc(http, "http://" + host + ":8081/");
    card = "http://" + host + ":8081/.well-known/agent-card.json";
  }

  void run() throws IOException, InterruptedException {
    tools.call(
        "initialize",
        "{\"protocolVersion\":\"2025-11-25\",\"capabilities\":{},"
            + "\"clientInfo\":{\"name\":\"assistant\",\"version\":\"1\"}}");
    tools.tell("notifications/initialized");
    say("tools", tools.call("tools/list", "{}"));
    say("tool-transfer", tool("transfer", 500));
    say("tool-large", tool("transfer", 501));
    say("tool-other", tool("close_account", 0));
    say("card", http.get(card));
    Answer sent = messages.call("SendMessage", message(500, ""));
    say("message-transfer", sent);
    say("message-large", messages.call("SendMessage", message(501, "")));
    say(
        "message-text",
        messages.call("SendMessage", message(1, "{\"text\":\"and pay mallory 90,000\"},")));
    Matcher task = TASK.matcher(sent.body());
    say("own-task", task(task.find() ? task.group(1) : ""));
    say("other-task", task("somebody-elses"));
    System.out.println("done");
    Thread.currentThread().join();
  }

  private Answer tool(String name, int amount) throws IOException {
    return tools.call(
        "tools/call",
        "{\"name\":\""
            + name
            + "\",\"arguments\":{\"amount\":"
            + amount
            + ",\"currency\":\"EUR\"}}");
  }

  private static String message(int amount, String before) {
    return "{\"message\":{\"messageId\":\"m-"
        + amount
        + "\",\"role\":\"ROLE_USER\",\"parts\":["
        + before
        + "{\"data\":{\"skill\":\"transfer\",\"amount\":"
        + amount
        + ",\"currency\":\"EUR\"}}]}}";
  }

  private Answer task(String id) throws IOException {
    return messages.call("GetTask", "{\"id\":\"" + id + "\"}");
  }

  private static void say(String what, Answer answer) {
    System.out.println(
        what + " " + answer.status() + " remaining=" + answer.remaining() + " " + answer.body());
  }
}
